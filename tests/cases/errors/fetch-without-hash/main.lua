return fetch { url = "https://a.test/x" }
