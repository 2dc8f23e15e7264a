-- SPDX-License-Identifier: MIT
-- The certificate authorities that Mozilla trusts, as Debian ships them, in the one file that
-- OpenSSL, curl and most others take: etc/ssl/cert.pem.
return package {
  name = "ca-certificates",
  version = "20230311+deb12u1",
  summary = "Certificates of the authorities that Mozilla trusts",
  homepage = "https://wiki.mozilla.org/CA",
  licence = "MPL-2.0",
  source = unpack {
    fetch {
      url = "mirror://debian/pool/main/c/ca-certificates/ca-certificates_${version}_all.deb",
      sha256 = "0d5f444f594e48c1e16a41d8fc628a09b24c658916a1274025c2330f2a802bed",
    },
  },
  build = function(b)
    b:sh [[
      to="$DESTDIR$PREFIX/etc/ssl/cert.pem"
      mkdir -p "${to%/*}"
      # The shell sorts the names by byte, so the file is the same every time.
      for from in usr/share/ca-certificates/mozilla/*.crt; do
        printf '# %s\n' "${from##*/}"
        cat "$from"
      done >"$to"
    ]]
  end,
  test = function(t)
    -- Debian's openssl, for the recipe of that name needs these certificates itself.
    t:build { [[cp /usr/bin/openssl "$DESTDIR$PREFIX/bin"]], base = debian { "coreutils", "dash", "openssl" } }
    t:run { "openssl", "storeutl", "-noout", "-certs", "/output/etc/ssl/cert.pem", match = "Total found: 142" }
    local file = "/output/etc/ssl/cert.pem"
    t:run { "openssl", "verify", "-CAfile", file, file, match = file .. ": OK" }
  end,
}
