//! `objects.inv` of other projects, fetched from their sites. What was read can be written and read again.

use markup::page::inventory::Inventory;

pub fn run(data: &[u8]) {
    let Ok(read) = Inventory::read(data) else { return };
    let again = Inventory::read(&read.write());
    assert_eq!(again.map(|inventory| inventory.items.len()), Ok(read.items.len()));
}
