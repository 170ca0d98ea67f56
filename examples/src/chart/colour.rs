use core::fmt::Write as _;

use plotters::style::RGBColor;

/// A colour by what it stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Colour {
    /// Text and what matters most.
    Ink,
    /// Axes and their labels.
    Muted,
    /// Lines of the grid.
    Grid,
    /// What several agree on.
    Agreed,
    /// What is not as it should be.
    Bad,
    /// One of several series, by number; after the eighth they begin again, with another
    /// [`Shape`](super::Shape).
    Series(usize),
}

/// On light and on dark, each with a contrast of 4.5 to 1 at least for text and series.
const INK: [u32; 2] = [0x001f_2328, 0x00e6_edf3];
const MUTED: [u32; 2] = [0x0059_636e, 0x009a_a4af];
const GRID: [u32; 2] = [0x00df_e3e8, 0x002b_3139];
const AGREED: [u32; 2] = [0x002d_a44e, 0x003f_b950];
const BAD: [u32; 2] = [0x00b4_2318, 0x00ff_7b72];
const SERIES: [[u32; 2]; Colour::SERIES] = [
    [0x000a_61c9, 0x0058_a6ff],
    [0x00b3_5900, 0x00f0_a040],
    [0x001a_7f37, 0x0056_d364],
    [0x00bf_2f7c, 0x00f7_78ba],
    [0x006e_40c9, 0x00bc_8cff],
    [0x000b_7a75, 0x002d_d4bf],
    [0x007a_5a00, 0x00d4_b106],
    [0x004d_5661, 0x00b1_bac4],
];

impl Colour {
    /// How many series have a colour of their own.
    pub const SERIES: usize = 8;

    fn pair(self) -> [u32; 2] {
        match self {
            Self::Ink => INK,
            Self::Muted => MUTED,
            Self::Grid => GRID,
            Self::Agreed => AGREED,
            Self::Bad => BAD,
            Self::Series(number) => SERIES[number % SERIES.len()],
        }
    }

    pub(super) fn rgb(self) -> RGBColor {
        let [_, red, green, blue] = self.pair()[0].to_be_bytes();
        RGBColor(red, green, blue)
    }

    /// As CSS has it, on light.
    #[must_use]
    pub fn css(self) -> String {
        format!("#{:06X}", self.pair()[0])
    }
}

/// What changes the colours of pictures where a page or picture is shown on dark.
#[must_use]
pub fn stylesheet() -> String {
    let mut sheet = String::from("@media (prefers-color-scheme:dark){");
    let named = [
        Colour::Ink,
        Colour::Muted,
        Colour::Grid,
        Colour::Agreed,
        Colour::Bad,
    ];
    for colour in named
        .into_iter()
        .chain((0..SERIES.len()).map(Colour::Series))
    {
        let light = colour.css();
        let dark = colour.pair()[1];
        // Writing to a string does not fail.
        let _ = write!(
            sheet,
            "svg [fill=\"{light}\"]{{fill:#{dark:06X}}}svg [stroke=\"{light}\"]{{stroke:#{dark:06X}}}"
        );
    }
    sheet.push('}');
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of the Web Content Accessibility Guidelines.
    fn luminance(rgb: u32) -> f64 {
        let [_, channels @ ..] = rgb.to_be_bytes();
        let linear = channels.map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn contrast(a: u32, b: u32) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn all_is_legible_on_light_and_on_dark() {
        let colours = [INK, MUTED, BAD].into_iter().chain(SERIES);
        for [light, dark] in colours {
            assert!(contrast(light, 0x00ff_ffff) >= 4.5, "{light:06x}");
            assert!(contrast(dark, 0x000d_1117) >= 4.5, "{dark:06x}");
        }
    }

    #[test]
    fn every_colour_changes_on_dark() {
        let sheet = stylesheet();
        for number in 0..Colour::SERIES {
            let light = Colour::Series(number).css();
            assert!(sheet.contains(&format!("[fill=\"{light}\"]")), "{light}");
            assert!(sheet.contains(&format!("[stroke=\"{light}\"]")), "{light}");
        }
        assert_eq!(Colour::Series(8), Colour::Series(8));
        assert_eq!(Colour::Series(8).css(), Colour::Series(0).css());
    }
}
