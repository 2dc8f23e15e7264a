-- SPDX-License-Identifier: MIT
-- GNU hello: the smallest package with a real build system.
return package {
  name = "hello",
  version = "2.10",
  summary = "The program that produces a familiar, friendly greeting",
  homepage = "https://www.gnu.org/software/hello/",
  licence = "GPL-3.0-or-later",
  main = "hello",
  source = fetch {
    url = {
      "https://ftp.gnu.org/gnu/hello/hello-${version}.tar.gz",
      "mirror://debian/pool/main/h/hello/hello_${version}.orig.tar.gz",
    },
    sha256 = "31e066137a962676e89f69d1b65382de95a7ef7d914b8cb956f41ea72e0f516b",
  },
  build = autotools { configure = { "--disable-nls" } },
  test = function(t)
    t:run { "hello", match = "Hello, world!" }
    t:run { "hello", "--greeting=Moin", match = "Moin" }
    t:run { "hello", "--version", match = "hello (GNU Hello) ${version}" }
  end,
}
