-- What is said by leaving something out, or by its default, is not in the plan.
return package {
  name = "x", version = "7",
  source = fetch { url = "https://a.test/${major}/x.tar", sha256 = ("ab"):rep(32) },
  build = autotools { build_dir = "out", configure = { program = "../configure.sh", "--sum=cost in $" } },
  outputs = { dev = {} },
  test = function(t) t:run { "x", exit = 0 } end,
}
