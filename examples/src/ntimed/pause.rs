/// How many polls of a server are left out, because it said that it is asked too often.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pause {
    left: u32,
    last: u32,
}

/// Polls that are left out at most.
const LONGEST: u32 = 128;

impl Pause {
    pub(super) const NONE: Self = Self { left: 0, last: 0 };

    /// Whether this poll is left out.
    pub(super) const fn skips(&mut self) -> bool {
        let skips = self.left > 0;
        self.left = self.left.saturating_sub(1);
        skips
    }

    /// Leaves out twice as many as the last time, from one on.
    pub(super) fn lengthen(&mut self) {
        self.last = (self.last * 2).clamp(1, LONGEST);
        self.left = self.last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest() {
        let mut pause = Pause::NONE;
        assert!(!pause.skips());
        let mut lengths = Vec::new();
        for _ in 0..9 {
            pause.lengthen();
            let skipped = core::iter::repeat_with(|| pause.skips());
            lengths.push(skipped.take_while(|skips| *skips).count());
        }
        assert_eq!(lengths, [1, 2, 4, 8, 16, 32, 64, 128, 128]);
    }
}
