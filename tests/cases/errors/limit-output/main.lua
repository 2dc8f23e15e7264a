local trees = {}
for i = 1, 100 do
  trees[i] = file { path = "a" .. i, text = ("x"):rep(1000) }
end
return merge(trees)
