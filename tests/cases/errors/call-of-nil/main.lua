local t = {}
t.missing()
return t
