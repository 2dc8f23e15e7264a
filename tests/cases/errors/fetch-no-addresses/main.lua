return fetch { url = {}, sha256 = ("ab"):rep(32) }
