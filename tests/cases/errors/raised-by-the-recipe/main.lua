local function check(v)
  if not v then error("the version is odd: " .. tostring(v)) end
end
check(false)
