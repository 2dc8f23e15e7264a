/* SPDX-License-Identifier: MIT */
/* The evidence for each rule stands above it: where the program's manual or source says that it
 * looks there, and what the variable does. Variables are inherited by what a program starts; where
 * another version of the same program could take harm from ours that is said, too. */
#include "rules.h"

#include <stddef.h>

/* clang-format off */
const struct rule rules[] = {
	/* ncurses(3X), "TERMINFO_DIRS": searched in order, an empty entry is the compiled-in list;
	 * TERMINFO and ~/.terminfo come first. Debian's ncurses-base has its essential ones in
	 * /lib/terminfo; elsewhere there are 10 MB of them, of which these are in use. */
	{.name = "terminfo", .libraries = {"libtinfo", "libncurses"},
		.data = {"/lib/terminfo", "share/terminfo/a/ansi", "share/terminfo/d/dumb",
			"share/terminfo/l/linux", "share/terminfo/r/rxvt*", "share/terminfo/s/screen*",
			"share/terminfo/t/tmux*", "share/terminfo/v/vt[0-9]*", "share/terminfo/x/xterm*",
			"share/terminfo/a/alacritty*", "share/terminfo/f/foot*", "share/terminfo/k/konsole*",
			"share/terminfo/p/putty*", "share/terminfo/g/gnome*", "share/terminfo/s/st*"},
		.operations = {{"TERMINFO_DIRS", "${ROOT}/lib/terminfo:${ROOT}/share/terminfo:"}}},

	/* OpenSSL, SSL_CTX_set_default_verify_paths(3): the compiled-in OPENSSLDIR/cert.pem unless
	 * SSL_CERT_FILE is set. The bundles' places: Debian's ca-certificates(8), Fedora's
	 * update-ca-trust(8), openSUSE's; etc/ssl/cert.pem is our own recipe's. */
	{.name = "ca-certificates", .libraries = {"libssl.so."},
		.data = {"etc/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt",
			"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"},
		.is_first = true, .operations = {{"SSL_CERT_FILE", "%s"}}},
	/* curl(1): the tool passes SSL_CERT_FILE on, whatever TLS library it has; it comes behind
	 * CURL_CA_BUNDLE, which is left to the user. */
	{.name = "ca-certificates", .programs = {"curl"}, .libraries = {"libcurl"},
		.data = {"etc/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt",
			"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"},
		.is_first = true, .operations = {{"SSL_CERT_FILE", "%s"}}},
	/* git-config(1), http.sslCAInfo: GIT_SSL_CAINFO, for a libcurl that does not know
	 * SSL_CERT_FILE. It comes before the user's configuration file. */
	{.name = "ca-certificates", .programs = {"git-remote-http*"}, .libraries = {"libcurl-gnutls"},
		.data = {"etc/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt",
			"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"},
		.is_first = true, .operations = {{"GIT_SSL_CAINFO", "%s"}}},

	/* openssl-env(7), OPENSSL_MODULES and OPENSSL_ENGINES: the directories, compiled in as
	 * MODULESDIR and ENGINESDIR. legacy.so is the one provider that is not built in. */
	{.name = "openssl-providers", .libraries = {"libcrypto.so.3"}, .imports = {"OSSL_PROVIDER_load"},
		.data = {"lib/*/ossl-modules", "lib/ossl-modules", "lib64/ossl-modules"},
		.is_first = true, .operations = {{"OPENSSL_MODULES", "%s"}}},
	{.name = "openssl-engines", .libraries = {"libcrypto.so."}, .imports = {"ENGINE_by_id"},
		.programs = {"openssl"},
		.data = {"lib/*/engines-*", "lib/engines-*", "lib64/engines-*"},
		.is_first = true, .operations = {{"OPENSSL_ENGINES", "%s"}}},
	/* openssl-env(7), OPENSSL_CONF: "openssl req" and "openssl ca" need one. */
	{.name = "openssl-conf", .programs = {"openssl"},
		.data = {"etc/ssl/openssl.cnf", "ssl/openssl.cnf", "/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf"},
		.is_first = true, .operations = {{"OPENSSL_CONF", "%s"}}},

	/* libmagic(3), magic_getpath: MAGIC, else the compiled-in file; the compiled form
	 * suffices. */
	{.name = "magic", .libraries = {"libmagic.so."},
		.data = {"share/misc/magic.mgc", "share/file/misc/magic.mgc", "share/file/magic.mgc",
			"lib/file/magic.mgc", "share/misc/magic"},
		.is_first = true, .operations = {{"MAGIC", "%s"}}},

	/* git(1): GIT_EXEC_PATH, "wherever your core Git programs are installed" (compiled in as
	 * GIT_EXEC_PATH); git-init(1): GIT_TEMPLATE_DIR. git sets the former for what it starts. */
	{.name = "git-core", .programs = {"git"}, .data = {"lib/git-core", "libexec/git-core"},
		.is_first = true, .has_programs = true, .operations = {{"GIT_EXEC_PATH", "%s"}}},
	{.name = "git-templates", .programs = {"git"}, .data = {"share/git-core/templates"},
		.operations = {{"GIT_TEMPLATE_DIR", "%s"}}},

	/* perlrun(1), PERL5LIB: directories before @INC, whose own are compiled in (perl -V). A
	 * perl of another version that is started by ours reads it, too, and refuses our compiled
	 * modules. */
	{.name = "perl", .programs = {"perl", "perl5*"},
		.data = {"lib/*/perl5/5.[0-9]*", "share/perl5", "lib/*/perl-base", "lib/*/perl/5.[0-9]*",
			"share/perl/5.[0-9]*", "lib/perl5", "lib64/perl5", "lib/perl5/5.[0-9]*"},
		.except = {"*.pod", "*.a", "*.h"}, .operations = {{"PERL5LIB", "%s"}}},

	/* perlembed(1): the same for programs with a perl in them. */
	{.name = "perl", .libraries = {"libperl.so."},
		.data = {"lib/*/perl5/5.[0-9]*", "share/perl5", "lib/*/perl-base", "lib/*/perl/5.[0-9]*",
			"share/perl/5.[0-9]*", "lib/perl5", "lib64/perl5", "lib/perl5/5.[0-9]*"},
		.except = {"*.pod", "*.a", "*.h"}, .operations = {{"PERL5LIB", "%s"}}},
	/* urxvt(1), perl-lib: urxvt.pm from the compiled-in LIBDIR, which rxvtperl.xs
	 * pushes to @INC; extensions from URXVT_PERL_LIB, too. */
	{.name = "urxvt", .programs = {"urxvt*", "rxvt*"}, .libraries = {"libperl.so."},
		.data = {"lib/*/urxvt", "lib/urxvt"}, .is_first = true,
		.operations = {{"PERL5LIB", ":%s"}, {"URXVT_PERL_LIB", "%s/perl"}}},
	/* automake, lib/Automake/Config.in: AUTOMAKE_LIBDIR; bin/automake.in has its modules' place
	 * in front of @INC, which PERL5LIB is behind of. */
	{.name = "automake", .programs = {"automake*", "aclocal*"}, .is_script = true,
		.data = {"share/automake-[0-9]*"},
		.operations = {{"PERL5LIB", ":%s"}, {"AUTOMAKE_LIBDIR", "%s"}}},
	{.name = "aclocal", .programs = {"aclocal*"}, .is_script = true,
		.data = {"share/aclocal-[0-9]*", "share/aclocal"}},
	/* texinfo, tp/texi2any.pl: modules in DATADIR/texinfo, tp/Texinfo/ModulePath.pm.in: those
	 * of others below lib there, compiled ones in LIBDIR/texinfo. */
	{.name = "texinfo", .programs = {"makeinfo", "texi2any", "pod2texi"}, .is_script = true,
		.data = {"share/texinfo", "lib/*/texinfo", "lib/texinfo"},
		.operations = {{"PERL5LIB", ":%s:${ROOT}/share/texinfo/lib/libintl-perl/lib:"
			"${ROOT}/share/texinfo/lib/Unicode-EastAsianWidth/lib:"
			"${ROOT}/share/texinfo/lib/Text-Unidecode/lib"}}},
	/* verilator(1): verilator_bin beside the script; VERILATOR_ROOT for what that includes. */
	{.name = "verilator", .programs = {"verilator"}, .is_script = true,
		.data = {"bin/verilator_bin", "bin/verilator_bin_dbg"}, .has_programs = true},
	{.name = "verilator-data", .programs = {"verilator_bin*"}, .data = {"share/verilator"},
		.operations = {{"VERILATOR_ROOT", "%s"}}},

	/* Modules/getpath.py: the prefix is where lib/pythonX.Y/os.py lies, looked for upward from
	 * the program; the place alone is enough, no variable. */
	{.name = "python", .programs = {"python3*"}, .is_named = true,
		.data = {"lib/python3.[0-9]*", "lib64/python3.[0-9]*"},
		.except = {"test", "tests", "idlelib", "turtledemo", "*.a", "*.exe"}},
	{.name = "python", .libraries = {"libpython3."}, .is_named = true,
		.data = {"lib/python3.[0-9]*", "lib64/python3.[0-9]*"},
		.except = {"test", "tests", "idlelib", "turtledemo", "*.a", "*.exe"}},
	/* site.py of Debian: PREFIX/lib/python3/dist-packages. All of it, for anything may be
	 * imported. */
	{.name = "python-packages", .programs = {"python3*"}, .data = {"lib/python3/dist-packages"},
		.except = {"test", "tests", "*.a", "*.exe"}},

	/* PyPy, pypy/module/sys/initpath.py: as with python. */
	{.name = "pypy", .programs = {"pypy3*"}, .data = {"lib/pypy3.[0-9]*"},
		.except = {"test", "tests", "*.a"}},
	/* openssl-env(7) again: the modules of these load what their users ask for. */
	{.name = "openssl-providers", .programs = {"python3*", "ruby*", "perl*"},
		.data = {"lib/*/ossl-modules", "lib/ossl-modules", "lib64/ossl-modules"},
		.is_first = true, .operations = {{"OPENSSL_MODULES", "%s"}}},

	/* tzset(3), TZDIR: the directory that TZ=Area/City is looked up in. Only for those that
	 * name it themselves: glibc's users fall back to UTC, and the host's /etc/localtime is in
	 * use. */
	{.name = "tzdata", .proof = "/usr/share/zoneinfo", .data = {"share/zoneinfo"},
		.except = {"right", "posix", "leap*", "tzdata.zi"}, .operations = {{"TZDIR", "%s"}}},

	{.name = "tzdata", .programs = {"date", "gdate", "zdump"}, .data = {"share/zoneinfo"},
		.except = {"right", "posix", "leap*", "tzdata.zi"}, .operations = {{"TZDIR", "%s"}}},

	/* iconv(1) is there to convert anything; libraries get glibc's core modules (glibc.h). */
	{.name = "gconv", .programs = {"iconv", "luit"}, .data = {"lib/*/gconv", "lib64/gconv", "lib/gconv"},
		.except = {"gconv-modules.cache"}, .is_first = true},

	/* vim, :help $VIM: where $VIM/vimrc and $VIM/vimNN lie. nvim, :help $VIMRUNTIME. */
	{.name = "vim", .programs = {"vi", "view", "vim*", "rvim", "ex", "rview", "gvim"},
		.proof = "/usr/share/vim", .data = {"share/vim"}, .operations = {{"VIM", "%s"}}},
	{.name = "vim", .programs = {"vi", "view", "vim*", "rvim", "ex", "rview", "gvim"},
		.proof = "/brun/share/vim", .data = {"share/vim"}, .operations = {{"VIM", "%s"}}},
	{.name = "neovim", .programs = {"nvim"}, .data = {"share/nvim/runtime", "lib/nvim"},
		.is_first = true, .operations = {{"VIMRUNTIME", "%s"}}},

	/* gcc(1), COMPILER_PATH: where subprograms are looked for; lib/gcc is found relative to the
	 * driver (gcc.cc, make_relative_prefix). The C library's headers are not taken along. */
	{.name = "gcc", .programs = {"gcc*", "g++*", "cc", "c++", "cpp*", "*-gcc*", "*-g++*", "gfortran*"},
		.proof = "collect2",
		.data = {"bin/as", "bin/ld", "bin/ld.bfd", "lib/gcc", "libexec/gcc", "lib64/gcc"},
		.has_programs = true, .operations = {{"COMPILER_PATH", "${ROOT}/bin"}},
		.note = "headers and start files of the C library are the host's (its /usr/include, /usr/lib)"},
	/* gcc, gcc.cc and incpath.cc: the C++ headers below the prefix are found from the driver,
	 * too. */
	{.name = "c++", .programs = {"g++*", "c++", "*-g++*"}, .proof = "collect2",
		.data = {"include/c++", "include/*/c++"}},
	/* cmake, cmSystemTools::FindCMakeResources: share/cmake-X.Y from the program's own
	 * place. */
	{.name = "cmake", .programs = {"cmake", "ctest", "cpack", "ccmake"},
		.data = {"share/cmake-[0-9]*", "share/cmake"}},
	/* ldc2, driver/configfile.cpp: etc/ldc2.conf beside the program's bin. */
	{.name = "ldc", .programs = {"ldc2", "ldmd2"}, .data = {"/etc/ldc2.conf", "etc/ldc2.conf"}},
	/* rustc_session/src/filesearch.rs: the sysroot is found from the compiler's own place. */
	{.name = "rustc", .programs = {"rustc"}, .data = {"lib/rustlib"}},
	/* ocamlc(1), OCAMLLIB: the standard library, compiled in. */
	{.name = "ocaml", .programs = {"ocaml", "ocamlc*", "ocamlopt*"}, .data = {"lib/ocaml"},
		.operations = {{"OCAMLLIB", "%s"}}},

	/* sbcl(1), SBCL_HOME: where sbcl.core lies. */
	{.name = "sbcl", .programs = {"sbcl"}, .data = {"lib/sbcl", "lib64/sbcl"}, .is_first = true,
		.operations = {{"SBCL_HOME", "%s"}}},
	/* gawk(1), AWKLIBPATH and AWKPATH; the latter's own default starts with ".". */
	{.name = "gawk", .programs = {"gawk", "awk"}, .proof = "AWKLIBPATH",
		.data = {"lib/*/gawk", "lib/gawk", "lib64/gawk"}, .is_first = true,
		.operations = {{"AWKLIBPATH", "%s"}}},
	{.name = "gawk-library", .programs = {"gawk", "awk"}, .proof = "AWKLIBPATH", .data = {"share/awk"},
		.operations = {{"AWKPATH", ".:%s"}}},
	/* valgrind, coregrind/launcher-linux.c: VALGRIND_LIB in the place of the compiled-in
	 * directory. */
	{.name = "valgrind", .programs = {"valgrind*"}, .data = {"libexec/valgrind", "lib/valgrind"},
		.is_first = true, .operations = {{"VALGRIND_LIB", "%s"}}},
	/* Debian's valgrind is a script that starts "$0.bin". */
	{.name = "valgrind", .programs = {"valgrind"}, .is_script = true, .data = {"bin/valgrind.bin"},
		.has_programs = true},
	/* Dpkg.pm: DPKG_DATADIR. */
	{.name = "dpkg", .programs = {"dpkg-*"}, .is_script = true, .data = {"share/dpkg"},
		.operations = {{"DPKG_DATADIR", "%s"}}},
	/* Path.cpp and library.cpp, Library::load: cfg beside the program, found by
	 * /proc/self/exe. */
	{.name = "cppcheck", .programs = {"cppcheck"}, .place = "%d/%n", .is_first = true,
		.data = {"lib/*/cppcheck/cfg", "share/cppcheck/cfg", "share/Cppcheck/cfg"}},
	{.name = "cppcheck-data", .programs = {"cppcheck"}, .place = "%d/%n",
		.data = {"lib/*/cppcheck/platforms", "lib/*/cppcheck/addons", "share/cppcheck/platforms",
			"share/cppcheck/addons"}},
	/* Cabal, "Accessing data files from package code": PACKAGE_datadir. */
	{.name = "pandoc", .programs = {"pandoc"}, .data = {"share/pandoc"},
		.operations = {{"pandoc_datadir", "%s"}}},
	/* zsh's parameter module_path is not taken from the environment (Src/params.c,
	 * PM_DONTIMPORT); Src/module.c, try_load_module, gives its directories to dlopen. */
	{.name = "zsh", .programs = {"zsh*", "rzsh"},
		.data = {"lib/*/zsh/[0-9]*", "lib/zsh/[0-9]*"},
		.is_first = true, .place = "lib/zsh/%n", .is_opened = true},

	/* php(1), PHP_INI_SCAN_DIR and PHPRC; main/main.c, extension_dir: compiled in, and given to
	 * dlopen (ext/standard/dl.c). */
	{.name = "php", .programs = {"php*"}, .data = {"lib/php/[0-9]*", "lib/*/php/[0-9]*"},
		.is_first = true, .place = "lib/php", .is_opened = true},
	{.name = "php-ini", .programs = {"php*"}, .data = {"/etc/php/[0-9]*/cli"},
		.is_first = true, .is_spelled = true,
		.operations = {{"PHPRC", "%s"}, {"PHP_INI_SCAN_DIR", "%s/conf.d"}}},
	/* Debian's "system tzdata" patch: in the place of the built-in zones. */
	{.name = "php-zones", .programs = {"php*"}, .proof = "/usr/share/zoneinfo/zone.tab",
		.note = "knows time zones, UTC among them, by /usr/share/zoneinfo: those of the host"},

	/* fonts-conf(5), FONTCONFIG_PATH: where fonts.conf is looked for. Fonts are the host's. */
	{.name = "fontconfig", .libraries = {"libfontconfig.so."}, .data = {"etc/fonts", "/etc/fonts"},
		.is_first = true, .operations = {{"FONTCONFIG_PATH", "%s"}}},
	/* gio, gio/giomodule.c: GIO_MODULE_DIR in the place of the compiled-in directory: modules
	 * of the host would come into a process with our libraries. */
	{.name = "gio-modules", .libraries = {"libgio-2.0.so."},
		.data = {"lib/*/gio/modules", "lib/gio/modules", "lib64/gio/modules"},
		.is_first = true, .operations = {{"GIO_MODULE_DIR", "%s"}}},
	/* gio, gsettingsschema.c: GSETTINGS_SCHEMA_DIR before XDG_DATA_DIRS. */
	{.name = "gsettings", .libraries = {"libgtk-3.so.", "libgtk-4.so."},
		.data = {"share/glib-2.0/schemas"}, .operations = {{"GSETTINGS_SCHEMA_DIR", "%s"}}},
	/* Qt, QCoreApplication::libraryPaths: QT_PLUGIN_PATH before the compiled-in one; a plugin
	 * of another version is passed over by its own metadata. */
	{.name = "qt-plugins", .libraries = {"libQt5Core.so.", "libQt5Gui.so."},
		.data = {"lib/*/qt5/plugins", "lib/qt5/plugins", "lib64/qt5/plugins", "lib/qt/plugins"},
		.is_first = true, .operations = {{"QT_PLUGIN_PATH", "%s"}}},
	{.name = "qt-plugins", .libraries = {"libQt6Core.so.", "libQt6Gui.so."},
		.data = {"lib/*/qt6/plugins", "lib/qt6/plugins", "lib64/qt6/plugins"},
		.is_first = true, .operations = {{"QT_PLUGIN_PATH", "%s"}}},
	/* libxkbcommon, xkb_context_include_path_append_default: XKB_CONFIG_ROOT. */
	{.name = "xkb", .libraries = {"libxkbcommon.so."}, .data = {"share/X11/xkb"},
		.operations = {{"XKB_CONFIG_ROOT", "%s"}}},
	/* libX11, src/xlibi18n/lcFile.c: XLOCALEDIR before the compiled-in directory. */
	{.name = "x11-locale", .libraries = {"libX11.so."}, .imports = {"XSupportsLocale", "XOpenIM"},
		.data = {"share/X11/locale"}, .operations = {{"XLOCALEDIR", "%s"}}},

	/* ruby(1), RUBYLIB: directories before $LOAD_PATH, whose own are compiled in. As with perl
	 * a ruby of another version would refuse our compiled modules. */
	{.name = "ruby", .programs = {"ruby", "ruby[0-9]*", "irb"},
		.data = {"lib/ruby/vendor_ruby", "lib/ruby/[0-9]*", "lib/*/ruby/[0-9]*",
			"lib/*/ruby/vendor_ruby/[0-9]*"},
		.except = {"*.a"}, .operations = {{"RUBYLIB", "%s"}}},
	/* gem(1), GEM_PATH: where gems are looked for beside the built-in directories. */
	{.name = "rubygems", .programs = {"ruby", "ruby[0-9]*", "irb"},
		.data = {"share/rubygems-integration/[a0-9]*", "lib/*/rubygems-integration/[0-9]*",
			"lib/ruby/gems/[0-9]*"},
		.operations = {{"GEM_PATH", "%s"}}},
	/* Tcl, library(n): TCL_LIBRARY; tm(n): TCL8_6_TM_PATH, for modules like msgcat; tk,
	 * TK_LIBRARY (tkvars(n)). */
	{.name = "tcl", .libraries = {"libtcl8."},
		.data = {"share/tcltk/tcl8.[0-9]", "lib/tcl8.[0-9]", "share/tcl8.[0-9]"},
		.is_first = true, .operations = {{"TCL_LIBRARY", "%s"}, {"TCL8_6_TM_PATH", "%s/tcl8"}}},
	/* tclsh(1), auto_path: packages beside TCL_LIBRARY. */
	{.name = "tcl-packages", .libraries = {"libtcl8."}, .data = {"share/tcltk", "lib/tcltk"}},
	{.name = "tk", .libraries = {"libtk8."},
		.data = {"share/tcltk/tk8.[0-9]", "lib/tk8.[0-9]", "share/tk8.[0-9]"},
		.is_first = true, .operations = {{"TK_LIBRARY", "%s"}}},
	/* guile(1), GUILE_SYSTEM_PATH and GUILE_SYSTEM_COMPILED_PATH in the place of the built-in
	 * ones. */
	{.name = "guile", .libraries = {"libguile-3.0.so.", "libguile-2.2.so."},
		.data = {"share/guile/[0-9]*"}, .operations = {{"GUILE_SYSTEM_PATH", "%s"}}},
	{.name = "guile-compiled", .libraries = {"libguile-3.0.so.", "libguile-2.2.so."},
		.data = {"lib/*/guile/[0-9]*/ccache", "lib/guile/[0-9]*/ccache"},
		.operations = {{"GUILE_SYSTEM_COMPILED_PATH", "%s"}}},
	/* emacs, src/emacs.c, load_pdump: PROGRAM.pdmp beside the program. */
	{.name = "emacs-dump", .programs = {"emacs*"}, .place = "%p.pdmp", .is_first = true,
		.data = {"libexec/emacs/[0-9]*/*/emacs.pdmp", "libexec/emacs/[0-9]*/*/emacs-*.pdmp"}},
	/* emacs, src/comp.c, fixup_eln_load_path: ../native-lisp from there. */
	{.name = "emacs-native", .programs = {"emacs*"}, .place = "%d/../native-lisp", .is_first = true,
		.data = {"lib/emacs/[0-9]*/native-lisp"}},
	/* emacs, "General Variables": EMACSLOADPATH, EMACSPATH, EMACSDATA; an empty entry would be
	 * the built-in list, whose directories it complains of. */
	{.name = "emacs-programs", .programs = {"emacs*"}, .has_programs = true,
		.data = {"libexec/emacs/[0-9]*/*"}, .except = {"*.pdmp"},
		.operations = {{"EMACSPATH", "%s"}}},
	{.name = "emacs", .programs = {"emacs*"}, .data = {"share/emacs/[0-9]*/lisp"},
		.operations = {{"EMACSLOADPATH", "%s"}}},
	{.name = "emacs-data", .programs = {"emacs*"}, .data = {"share/emacs/[0-9]*/etc"},
		.operations = {{"EMACSDATA", "%s"}, {"EMACSDOC", "%s"}}},

	/* Ghostscript, "How Ghostscript finds files": GS_LIB before the built-in path. */
	{.name = "ghostscript", .libraries = {"libgs.so."},
		.data = {"share/ghostscript/[0-9]*/Resource/Init", "share/ghostscript/[0-9]*/lib",
			"share/ghostscript/[0-9]*/Resource", "share/ghostscript/[0-9]*/iccprofiles"},
		.operations = {{"GS_LIB", "%s"}}},
	/* groff(1), "Environment": GROFF_BIN_PATH, GROFF_FONT_PATH, GROFF_TMAC_PATH. */
	{.name = "groff-programs", .programs = {"groff", "nroff"},
		.data = {"bin/troff", "bin/grotty", "bin/grops", "bin/preconv", "bin/tbl", "bin/eqn", "bin/pic"},
		.has_programs = true, .operations = {{"GROFF_BIN_PATH", "${ROOT}/bin"}}},
	{.name = "groff-fonts", .programs = {"groff", "troff", "grotty", "grops"},
		.data = {"share/groff/[0-9]*/font"}, .operations = {{"GROFF_FONT_PATH", "%s"}}},
	{.name = "groff-macros", .programs = {"groff", "troff"},
		.data = {"share/groff/[0-9]*/tmac", "share/groff/site-tmac"},
		.operations = {{"GROFF_TMAC_PATH", "%s"}}},
	/* ImageMagick, resources: MAGICK_CONFIGURE_PATH, MAGICK_CODER_MODULE_PATH. */
	{.name = "imagemagick", .libraries = {"libMagickCore-"},
		.data = {"/etc/ImageMagick-[0-9]", "etc/ImageMagick-[0-9]", "share/ImageMagick-[0-9]"},
		.operations = {{"MAGICK_CONFIGURE_PATH", "%s"}}},
	{.name = "imagemagick-coders", .libraries = {"libMagickCore-"},
		.data = {"lib/*/ImageMagick-[0-9]*/modules-*/coders", "lib/ImageMagick-[0-9]*/modules-*/coders"},
		.is_first = true, .operations = {{"MAGICK_CODER_MODULE_PATH", "%s"}}},
	/* graphviz, lib/gvc/gvconfig.c: GVBINDIR in the place of the compiled-in plugin
	 * directory. */
	{.name = "graphviz", .libraries = {"libgvc.so."}, .data = {"lib/*/graphviz", "lib/graphviz"},
		.is_first = true, .operations = {{"GVBINDIR", "%s"}}},
	/* hunspell(1), DICPATH. */
	{.name = "hunspell", .libraries = {"libhunspell-"}, .data = {"share/hunspell"},
		.operations = {{"DICPATH", "%s"}}},
	/* aspell(1), ASPELL_CONF: options, ';' between them; "prefix" is where lib/aspell and the
	 * filters' lib/aspell/TRIPLET are looked for. */
	{.name = "aspell", .libraries = {"libaspell.so."},
		.data = {"lib/aspell", "share/aspell", "lib/aspell-[0-9]*", "/var/lib/aspell"},
		.operations = {{"ASPELL_CONF",
			"prefix ${ROOT};data-dir ${ROOT}/lib/aspell;dict-dir ${ROOT}/var/lib/aspell"}}},
	/* cowsay(6), COWPATH. */
	{.name = "cowsay", .programs = {"cowsay", "cowthink"}, .data = {"share/cowsay/cows"},
		.operations = {{"COWPATH", "%s"}}},
	/* cmd/go, cfg.go, findGOROOT: GOROOT, else from the program's own place, else compiled in.
	 * Debian has the half of it elsewhere and links to that. */
	{.name = "go", .programs = {"go", "gofmt"}, .data = {"lib/go-[0-9]*", "lib/go", "lib64/go"},
		.is_first = true, .is_whole = true, .except = {"test"}, .operations = {{"GOROOT", "%s"}}},
	/* gdb, --data-directory: relocated with the program where it lies below its prefix. */
	{.name = "gdb", .programs = {"gdb"}, .data = {"share/gdb"}},
	/* fish, src/fish.cpp: share/fish and etc/fish are found from the program's own place. */
	{.name = "fish", .programs = {"fish"}, .data = {"share/fish", "/etc/fish"}},
	/* mc(1), MC_DATADIR. */
	{.name = "mc", .programs = {"mc"}, .data = {"share/mc"}, .operations = {{"MC_DATADIR", "%s"}}},
	/* nmap(1), NMAPDIR. */
	{.name = "nmap", .programs = {"nmap"}, .data = {"share/nmap"}, .operations = {{"NMAPDIR", "%s"}}},
	/* lua(1), LUA_PATH and LUA_CPATH, since 5.2 with the version behind; ";;" is the default
	 * path. */
	{.name = "lua", .programs = {"lua5.1", "luajit*"}, .data = {"share/lua/5.1", "lib/*/lua/5.1"},
		.operations = {{"LUA_PATH", "${ROOT}/share/lua/5.1/?.lua;${ROOT}/share/lua/5.1/?/init.lua;;"},
			{"LUA_CPATH", "${ROOT}/lib/x86_64-linux-gnu/lua/5.1/?.so;;"}}},
	{.name = "lua", .programs = {"lua5.3"}, .data = {"share/lua/5.3", "lib/*/lua/5.3"},
		.operations = {{"LUA_PATH_5_3", "${ROOT}/share/lua/5.3/?.lua;${ROOT}/share/lua/5.3/?/init.lua;;"},
			{"LUA_CPATH_5_3", "${ROOT}/lib/x86_64-linux-gnu/lua/5.3/?.so;;"}}},
	{.name = "lua", .programs = {"lua5.4", "lua"}, .data = {"share/lua/5.4", "lib/*/lua/5.4"},
		.operations = {{"LUA_PATH_5_4", "${ROOT}/share/lua/5.4/?.lua;${ROOT}/share/lua/5.4/?/init.lua;;"},
			{"LUA_CPATH_5_4", "${ROOT}/lib/x86_64-linux-gnu/lua/5.4/?.so;;"}}},

	/* GStreamer, "Running GStreamer Applications": GST_PLUGIN_SYSTEM_PATH_1_0; and the program
	 * that looks at plugins, GST_PLUGIN_SCANNER_1_0. */
	{.name = "gstreamer", .libraries = {"libgstreamer-1.0.so."},
		.data = {"lib/*/gstreamer-1.0", "lib/gstreamer-1.0", "lib64/gstreamer-1.0"}, .is_first = true,
		.operations = {{"GST_PLUGIN_SYSTEM_PATH_1_0", "%s"}}},
	{.name = "gstreamer-scanner", .libraries = {"libgstreamer-1.0.so."}, .has_programs = true,
		.data = {"lib/*/gstreamer1.0/gstreamer-1.0/gst-plugin-scanner",
			"libexec/gstreamer-1.0/gst-plugin-scanner"}, .is_first = true,
		.operations = {{"GST_PLUGIN_SCANNER_1_0", "%s"}}},
	/* octave, liboctave/system/oct-env: OCTAVE_HOME in the place of the prefix. */
	{.name = "octave", .programs = {"octave", "octave-cli*"},
		.data = {"share/octave", "lib/*/octave", "lib/octave", "lib64/octave"},
		.operations = {{"OCTAVE_HOME", "${ROOT}/."}}},
	/* swipl(1), SWI_HOME_DIR. */
	{.name = "swi-prolog", .programs = {"swipl", "prolog"}, .data = {"lib/swi-prolog", "lib64/swipl"},
		.is_first = true, .operations = {{"SWI_HOME_DIR", "%s"}}},
	/* units(1), UNITSFILE; lynx(1), LYNX_CFG; espeak-ng, ESPEAK_DATA_PATH. */
	{.name = "units", .programs = {"units"}, .data = {"share/units/definitions.units"},
		.operations = {{"UNITSFILE", "%s"}}},
	{.name = "units-data", .programs = {"units"}, .data = {"share/units"}},
	{.name = "lynx", .programs = {"lynx"}, .data = {"/etc/lynx/lynx.cfg", "/etc/lynx.cfg"},
		.is_first = true, .operations = {{"LYNX_CFG", "%s"}}},
	{.name = "espeak", .libraries = {"libespeak-ng.so."},
		.data = {"lib/*/espeak-ng-data", "share/espeak-ng-data"}, .is_first = true,
		.operations = {{"ESPEAK_DATA_PATH", "%s"}}},

	/* htslib, plugin.c, hts_path_itr_setup: HTS_PATH in the place of the compiled-in list. */
	{.name = "htslib", .libraries = {"libhts.so."},
		.data = {"lib/*/htslib", "libexec/htslib", "lib/htslib"}, .is_first = true,
		.operations = {{"HTS_PATH", "%s"}}},
	/* iproute2, lib/bpf_libbpf.c, get_libbpf_version: the version is read off the name that
	 * /proc/self/maps has. */
	{.name = "libbpf", .libraries = {"libbpf.so."}, .keeps_names = true},
	/* gtkd, generated/gtkd/gtkd/Loader.d: each binding opens its library by name. */
	{.name = "gtkd", .libraries = {"libgtkd-3.so."},
		.opens = {"libgtk-3.so.0", "libgdk-3.so.0", "libgdk_pixbuf-2.0.so.0", "libglib-2.0.so.0",
			"libgobject-2.0.so.0", "libgio-2.0.so.0", "libgmodule-2.0.so.0", "libpango-1.0.so.0",
			"libpangocairo-1.0.so.0", "libcairo.so.2", "libcairo-gobject.so.2",
			"libatk-1.0.so.0", "librsvg-2.so.2", "libgthread-2.0.so.0"}},
	{.name = "gtkd", .libraries = {"libvted-3.so."}, .opens = {"libvte-2.91.so.0"}},
	{.name = "gtkd", .programs = {"tilix"}, .opens = {"libsecret-1.so.0"}},
	/* wireshark, wsutil/filesystem.c: WIRESHARK_DATA_DIR, _PLUGIN_DIR, _EXTCAP_DIR. */
	{.name = "wireshark", .libraries = {"libwsutil.so."}, .data = {"share/wireshark"},
		.except = {"*.html"}, .operations = {{"WIRESHARK_DATA_DIR", "%s"}}},
	{.name = "wireshark-plugins", .libraries = {"libwsutil.so."},
		.data = {"lib/*/wireshark/plugins", "lib/wireshark/plugins"}, .is_first = true,
		.operations = {{"WIRESHARK_PLUGIN_DIR", "%s"}}},
	/* whitakers-words, latin_utils-config.adb: WHITAKERS_WORDS_DATADIR. */
	{.name = "whitakers-words", .programs = {"whitakers-words"}, .data = {"share/whitakers-words"},
		.operations = {{"WHITAKERS_WORDS_DATADIR", "%s"}}},
	/* keepassxc, core/Resources.cpp: share/keepassxc from the program's own place. */
	{.name = "keepassxc", .programs = {"keepassxc*"}, .data = {"share/keepassxc"}},
	/* racket, racket/src/cs/main.c, find_boot_section; reference, "current-compiled-file-
	 * roots": compiled code lies below the whole path of its source. */
	{.name = "racket", .programs = {"racket*", "gracket*"},
		.note = "reads boot files out of a section of its own file and code by absolute "
			"paths: it does not run elsewhere"},
	/* maxima, src/maxima.in: its prefix is looked for above the script. src/cl-info.lisp:
	 * the index of its help is looked for where it was compiled to. */
	{.name = "maxima", .programs = {"maxima"}, .is_script = true, .has_programs = true,
		.data = {"lib/maxima", "share/maxima"},
		.note = "looks for the index of its help where it was compiled to: it has no help"},
	/* libqalculate, util.cc, getGlobalDefinitionsDir: compiled in. */
	{.name = "qalculate", .libraries = {"libqalculate.so."},
		.note = "reads units and functions from a directory that was compiled in: those of "
			"the host"},

	/* Linux-PAM opens what the host's /etc/pam.d says, by absolute paths: it is the host's by
	 * nature. */
	{.name = "pam", .libraries = {"libpam.so."},
		.note = "uses PAM, whose configuration and modules are those of the host"},
	/* gdk-pixbuf's loaders.cache names its modules by absolute paths (gdk-pixbuf-io.c). */
	{.name = "gdk-pixbuf", .libraries = {"libgdk_pixbuf-2.0.so."},
		.note = "reads images by modules that loaders.cache names by absolute paths: those of the host"},
	{0},
};
