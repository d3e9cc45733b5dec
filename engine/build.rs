//! Copies wasmtime's C headers, with the generated conf.h, to <target>/<profile>/include.
use std::{env, fs, path::Path};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|e| e.unwrap().path()) {
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() { copy(&entry, &target) } else { fs::copy(&entry, target).map(drop).unwrap() }
    }
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let headers = env::var("DEP_WASMTIME_C_API_INCLUDE").unwrap();
    let out = env::var("OUT_DIR").unwrap(); // <target>/<profile>/build/<package>/out
    copy(headers.as_ref(), &Path::new(&out).ancestors().nth(3).unwrap().join("include"));
}
