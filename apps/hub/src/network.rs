//! Networks, as administrators write them: `10.0.0.0/8`, `2001:db8::/32`, or one address.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The addresses that begin alike.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

impl Network {
    /// One address.
    pub fn of(address: IpAddr) -> Self {
        Self { first: address, bits: if address.is_ipv4() { 32 } else { 128 } }
    }

    /// Whether an address is one of them. An IPv4 address in IPv6 clothes (RFC 4291 section 2.5.5.2) counts as IPv4.
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let apart = first.to_bits() ^ address.to_bits();
                apart.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let apart = first.to_bits() ^ address.to_bits();
                apart.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a network; write one as `10.0.0.0/8`, `2001:db8::/32` or one address");
        let (first, bits) = match text.split_once('/') {
            None => (text.as_str(), None),
            Some((first, bits)) => (first, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
        };
        let first: IpAddr = first.parse().map_err(|_| wrong())?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most { Err(wrong()) } else { Ok(Self { first, bits }) }
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        format!("{}/{}", network.first, network.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    fn network(text: &str) -> Result<Network, String> {
        Network::try_from(text.to_owned())
    }

    #[test]
    fn a_network_holds_the_addresses_that_begin_like_it() {
        for (text, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.1"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("192.0.2.128/25", "192.0.2.200", "192.0.2.100"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:1::9", "2001:db9::1"),
            ("10.0.0.0/8", "::ffff:10.1.1.1", "::ffff:11.1.1.1"),
        ] {
            let network = network(text).expect("a network");
            assert!(network.holds(inside.parse().expect("an address")), "{text} {inside}");
            assert!(!network.holds(outside.parse().expect("an address")), "{text} {outside}");
        }
    }

    #[test]
    fn what_is_none_is_told() {
        for text in ["", "10.0.0.0/33", "10.0.0.0/x", "hub.example.org", "2001:db8::/129", "10.0.0.0/-1"] {
            assert!(network(text).is_err(), "{text}");
        }
    }
}
