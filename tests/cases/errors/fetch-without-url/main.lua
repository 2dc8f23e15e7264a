return fetch { sha256 = ("ab"):rep(32) }
