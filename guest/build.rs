//! The linker's script, for the programs.

fn main() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/image.ld");
    println!("cargo:rerun-if-changed={script}");
    println!("cargo:rustc-link-arg-bins=-T{script}");
    for argument in
        ["-nostartfiles", "-nostdlib", "-static", "-Wl,--build-id=none,-z,max-page-size=4096"]
    {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
    // Where the hypervisor expects a kernel.
    println!("cargo:rustc-link-arg-bin=hostile=-Wl,--defsym=image_base=0x41000000");
}
