local text = ("a"):rep(5000)
return text:find(("a*"):rep(30) .. "b")
