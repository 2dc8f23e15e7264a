local hidden = { sha256 = ("0"):rep(64), url = { "https://example.org/x", 5 } }
return fetch(setmetatable({}, { __index = hidden }))
