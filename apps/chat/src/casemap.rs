//! Names that differ only in case are one (CASEMAPPING of RPL_ISUPPORT, modern.ircdocs.horse).

/// Which characters a network takes for the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseMap {
    Ascii,
    /// `[]\~` are the upper case of `{}|^` (RFC 1459 section 2.2).
    #[default]
    Rfc1459,
    Rfc1459Strict,
}

impl CaseMap {
    /// The mapping by its word in ISUPPORT.
    pub fn from_word(word: &str) -> Self {
        match word {
            "ascii" => Self::Ascii,
            "rfc1459-strict" | "strict-rfc1459" => Self::Rfc1459Strict,
            _ => Self::Rfc1459,
        }
    }

    /// A nick or channel as it is compared.
    pub fn fold(self, name: &str) -> String {
        let fold = |c: char| match (self, c) {
            (Self::Rfc1459 | Self::Rfc1459Strict, '[') => '{',
            (Self::Rfc1459 | Self::Rfc1459Strict, ']') => '}',
            (Self::Rfc1459 | Self::Rfc1459Strict, '\\') => '|',
            (Self::Rfc1459, '~') => '^',
            (_, c) => c.to_ascii_lowercase(),
        };
        name.chars().map(fold).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_as_the_network_says() {
        for (map, folded) in
            [(CaseMap::Ascii, "#a[]\\~"), (CaseMap::Rfc1459, "#a{}|^"), (CaseMap::Rfc1459Strict, "#a{}|~")]
        {
            assert_eq!(map.fold("#A[]\\~"), folded);
        }
    }
}
