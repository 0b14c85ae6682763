//! Text as people write it, by its figures: few words often, many seldom (Zipf's law). The same seed gives the same text.

use std::fmt::Write;

/// Words that text is made of. Number n is drawn about 1/n as often as the first.
const VOCABULARY: usize = 20_000;

/// Draws words.
pub struct Words {
    state: u64,
    /// Sums of 1/n, to draw by halving.
    sums: Vec<f64>,
}

impl Words {
    pub fn new(seed: u64) -> Self {
        let mut sum = 0.0;
        let sums = (1..=VOCABULARY as u32).map(|rank| {
            sum += 1.0 / f64::from(rank);
            sum
        });
        Self { state: seed.max(1), sums: sums.collect() }
    }

    /// A number below `end` (xorshift).
    pub fn below(&mut self, end: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % end
    }

    /// The word of a rank: syllables, so that it reads like one.
    pub fn word(rank: usize) -> String {
        const SYLLABLES: [&str; 20] = [
            "ta", "ri", "no", "se", "lu", "mi", "ka", "do", "fe", "pa", "go", "be", "vi", "so", "ru", "ne", "ha", "li",
            "mo", "ze",
        ];
        let mut word = String::new();
        let mut left = rank + 20;
        while left > 0 {
            word.push_str(SYLLABLES[left % 20]);
            left /= 20;
        }
        word
    }

    /// So many words, in sentences and paragraphs.
    pub fn text(&mut self, count: usize) -> String {
        let mut text = String::new();
        let whole = self.sums.last().copied().unwrap_or(1.0);
        for n in 1..=count {
            let drawn = self.below(1 << 53) as f64 / (1u64 << 53) as f64 * whole;
            let rank = self.sums.partition_point(|sum| *sum < drawn);
            let end = match n {
                n if n == count => "",
                n if n % 60 == 0 => ".\n\n",
                n if n % 12 == 0 => ".\n",
                _ => " ",
            };
            let _ = write!(text, "{}{end}", Self::word(rank));
        }
        text
    }
}
