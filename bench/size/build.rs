//! How the images are linked: nothing but what is reached from `_start`.

fn main() {
    for argument in ["-nostartfiles", "-nostdlib", "-static", "-Wl,--build-id=none,--gc-sections"] {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
}
