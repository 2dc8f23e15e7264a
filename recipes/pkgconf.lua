-- SPDX-License-Identifier: MIT
return package {
  name = "pkgconf",
  version = "1.8.1",
  summary = "Says which flags a library is compiled and linked with",
  homepage = "http://pkgconf.org/",
  licence = "ISC",
  main = "pkgconf",
  source = fetch {
    url = "mirror://debian/pool/main/p/pkgconf/pkgconf_${version}.orig.tar.xz",
    sha256 = "644361ada2942be05655d4452eb018791647c31bba429b287f1f68deb2dc6840",
  },
  build = meson { configure = { "-Dtests=false" } },
  test = function(t)
    t:run { "pkgconf", "--version", match = "${version}" }
    t:run { "pkgconf", "--exists", "nothing-of-this-name", exit = 1 }
  end,
}
