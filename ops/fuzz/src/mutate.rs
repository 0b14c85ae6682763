//! Changes of inputs drawn from a seed.

/// Marsaglia's xorshift: the same seed draws the same places.
pub struct Luck(u64);

impl Luck {
    pub fn new(seed: u64) -> Luck {
        Luck(seed.max(1))
    }

    /// A number below the limit; 0 when the limit is.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 1).unwrap_or(0) % limit.max(1)
    }
}

/// Longer inputs are cut.
const LONGEST: usize = 16 << 10;

/// A sample with some of its bytes cut, doubled, swapped with those of another, or replaced by a word.
pub fn mutate(luck: &mut Luck, samples: &[Vec<u8>], words: &[Vec<u8>]) -> Vec<u8> {
    let pick = |luck: &mut Luck| samples.get(luck.below(samples.len())).cloned().unwrap_or_default();
    let mut data = pick(luck);
    for _ in 0..=luck.below(10) {
        let at = luck.below(data.len() + 1);
        let longest = [1, 4, 40, data.len()][luck.below(4)];
        let to = (at + luck.below(longest + 1)).min(data.len());
        match luck.below(7) {
            0 => drop(data.drain(at..to)),
            1 => data.truncate(to),
            2 => {
                let piece = data[at..to].repeat(1 + luck.below(20));
                data.splice(at..at, piece);
            }
            3 => {
                let other = pick(luck);
                let from = luck.below(other.len() + 1);
                let end = (from + luck.below(200)).min(other.len());
                data.splice(at..to, other[from..end].iter().copied());
            }
            4 => data.iter_mut().skip(at).take(1).for_each(|byte| *byte = luck.below(256) as u8),
            _ => {
                let word = words.get(luck.below(words.len())).cloned().unwrap_or_default();
                data.splice(at..to, word);
            }
        }
    }
    data.truncate(LONGEST);
    data
}
