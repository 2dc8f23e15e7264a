-- The package's files and the test's programs are packed together; what passes is packed without.
return package {
  name = "x", version = "1", source = file { path = "x.c", text = "" }, build = make {},
  test = function(t)
    t:build { [[cc -o "$DESTDIR$PREFIX/bin/check" check.c -lx]], base = file { path = "bin/sh", text = "" } }
    t:run { "check", match = "${version}" }
  end,
}
