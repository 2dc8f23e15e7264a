local list = {}
for i = 1, 300 do list[i] = { key = i % 3, number = i } end
table.sort(list, function(a, b) return a.key < b.key end)
local is_stable = true
for i = 2, 300 do
  local a, b = list[i - 1], list[i]
  is_stable = is_stable and (a.key < b.key or a.key == b.key and a.number < b.number)
end
local words = { "c", "a", "b" }
table.sort(words)
return file { path = "x", text = tostring(is_stable) .. table.concat(words) }
