local words = {}
for key, value in pairs { pear = 1, apple = 2, fig = 3, [2] = "b", [1] = "a", [true] = 0, Zoo = 5 } do
  words[#words + 1] = ("%s=%s"):format(key, value)
end
return file { path = "x", text = table.concat(words, " ") }
