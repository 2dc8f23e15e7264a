local function get(name) return unpack { fetch { url = "https://a.test/" .. name .. "-${version}.tar", sha256 = (#name .. "a"):rep(32) } } end
return package {
  name = "x", version = "1.2", base = file { path = "a", text = "" }, build = make {},
  source = merge { get "a", get "bb" },
  patches = { fetch { url = "https://a.test/${version}.patch", sha256 = ("cd"):rep(32) } },
}
