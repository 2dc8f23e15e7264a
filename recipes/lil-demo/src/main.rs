// SPDX-License-Identifier: MIT
//! Prints where it runs from: in a packed output that is the launcher's own path, as if there
//! were no launcher.

fn main() {
    match std::env::current_exe() {
        Ok(path) => println!("Hello from {}", path.display()),
        Err(error) => {
            eprintln!("lil-demo: where am I? {error}");
            std::process::exit(1);
        }
    }
}
