//! How much memory a text takes at the worst moment of reading it and writing it as HTML: `memory FILE...` prints a line
//! a file, its bytes and those asked of the allocator.

use guildhall_rst::html::{HtmlOptions, html};
use guildhall_rst::{Options, parse};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path)?;
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let doc = parse(&text, &Options::new(&path));
        let tree = MEMORY.current_usage() - before;
        let length = html(&doc, &HtmlOptions::default()).len();
        let peak = MEMORY.peak_usage() - before;
        println!(
            "{} bytes: {} nodes, {tree} bytes of tree, {length} bytes of HTML, {peak} bytes at most",
            text.len(),
            doc.len()
        );
    }
    Ok(())
}
