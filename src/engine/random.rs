//! Random numbers from one seed: the engine is given the seed and is deterministic from there on.

/// A SplitMix64 generator. Not for secrets: for ids that must not collide and for jitter.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A generator that yields the same numbers for the same seed.
    pub const fn from_seed(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is above 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound
    }

    /// `digits` random hex digits, at most 32.
    pub fn hex(&mut self, digits: usize) -> String {
        let bits = (u128::from(self.bits()) << 64) | u128::from(self.bits());
        let mut hex = beaconry_protocol::StreamId::from_random(bits).to_hex();
        hex.truncate(digits);
        hex
    }
}
