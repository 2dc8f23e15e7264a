return fetch "https://a.test/x"
