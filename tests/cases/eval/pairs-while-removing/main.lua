local t, out = { a = 1, b = 2, c = 3 }, {}
for key in pairs(t) do
  out[#out + 1] = key
  t.b = nil
end
return file { path = "x", text = table.concat(out) }
