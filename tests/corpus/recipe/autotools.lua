return package { base = file { path = "bin/sh", text = "" },
  name = "hello", version = "2.12.1",
  summary = "Greets", licence = "GPL-3.0-or-later", homepage = "https://a.test/",
  source = fetch { url = "https://a.test/${name}/${major}.${minor}/hello-${version}.tar.gz", sha256 = ("ab"):rep(32) },
  build = autotools {
    reconf = true,
    configure = { "--disable-nls", "--with-x=$PREFIX", "CFLAGS=-O3 `a` $(b)" },
    make = { "all", vars = { V = "1" } },
    install = { "install-strip" },
    build_dir = "out",
    after = "rm -r \"$DESTDIR$PREFIX/share/doc\"",
  },
  test = function(t)
    t:run { "hello", "--version", match = "hello ${version}" }
    t:run { "hello", "--odd", exit = 1, env = { A = "b" } }
  end,
  update = { url = "https://a.test/", pattern = "hello%-([%d.]+)" },
}
