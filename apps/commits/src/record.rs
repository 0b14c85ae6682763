//! What a hook or a forge told, as it is kept: first on the disk, then beside the push for ever.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One record: exactly one push is made from it, however often it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Unique within its repository.
    pub key: String,
    /// The registered name; empty when the hook does not know it, and its directory is to be looked up.
    pub repository: String,
    /// Milliseconds since 1970.
    pub at: i64,
    pub origin: Origin,
}

/// Where a record came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    Hook(Hooked),
    Forge(Forged),
}

/// What a hook on this machine was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hooked {
    /// `git`, `svn` or `hg`.
    pub vcs: String,
    /// The repository's directory, absolute.
    pub directory: String,
    pub arguments: Vec<Bytes>,
    /// What came on the standard input.
    pub input: Bytes,
    pub environment: BTreeMap<String, String>,
}

/// A webhook of a forge, its signature checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forged {
    /// `github`, `gitlab`, `gitea` or `bitbucket`.
    pub forge: String,
    /// The body, as it came.
    pub body: Bytes,
}

/// Bytes, written as text where they are UTF-8 and as `{"hex": ...}` where not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// The bytes as text, what is not UTF-8 replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Hex { hex: String },
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => to.serialize_str(text),
            Err(_) => Written::Hex { hex: hex::encode(&self.0) }.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Written::deserialize(from)? {
            Written::Text(text) => Ok(Self(text.into_bytes())),
            Written::Hex { hex } => hex::decode(hex).map(Self).map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_come_back_as_they_were(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let written = serde_json::to_string(&Bytes(bytes.clone())).unwrap();
            prop_assert_eq!(serde_json::from_str::<Bytes>(&written).unwrap(), Bytes(bytes));
        }
    }
}
