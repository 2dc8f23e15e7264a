local t, key, out = { b = 1, a = 2, [3] = 3 }, nil, {}
repeat
  key = next(t, key)
  out[#out + 1] = tostring(key)
until key == nil
return file { path = "x", text = table.concat(out, " ") }
