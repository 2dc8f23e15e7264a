// SPDX-License-Identifier: MIT
//! Prints where it runs from, then runs what its arguments name. In a packed output the former is
//! the path of the visible program and the latter sees its caller's environment, as if there were no
//! launcher.

use std::env;
use std::process::{exit, Command};

fn fail(what: &str, error: std::io::Error) -> ! {
    eprintln!("lil-demo: {what}: {error}");
    exit(1)
}

fn main() {
    match env::current_exe() {
        Ok(path) => println!("Hello from {}", path.display()),
        Err(error) => fail("where am I?", error),
    }
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    if let Some((program, rest)) = arguments.split_first() {
        match Command::new(program).args(rest).status() {
            Ok(status) => exit(status.code().unwrap_or(1)),
            Err(error) => fail(&program.to_string_lossy(), error),
        }
    }
}
