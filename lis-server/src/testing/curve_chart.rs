//! A calibration curve as SVG, drawn on the server in whole tenths of a pixel: the curve through its standards, each a mark
//! with its concentration, signal and relative error to be read. Colours come from the style sheet.

use std::fmt::Write;

use num_traits::{ToPrimitive, Zero};

use super::curves::Fitted;
use crate::judgement::number::{Ratio, plain, whole};

/// Pixels.
const WIDTH: i64 = 480;
const HEIGHT: i64 = 300;
const LEFT: i64 = 90;
const RIGHT: i64 = 20;
const TOP: i64 = 20;
const BOTTOM: i64 = 40;
/// Tenths of a pixel: finer than any screen or printer shows.
const FINE: i64 = 10;
/// Pieces of a parabola: straight to the eye.
const PIECES: i64 = 32;
/// Half the size of a mark, in tenths of a pixel.
const MARK: i64 = 45;

/// Draws a curve with its standards; `title` is read to who cannot see it.
pub fn draw(fitted: &Fitted<'_>, title: &str) -> String {
    let curve = &fitted.curve;
    let (low, high) = curve.range();
    let pieces = if curve.coefficients().len() > 2 { PIECES } else { 1 };
    let line: Vec<(Ratio, Ratio)> = (0..=pieces)
        .map(|piece| low + (high - low) * whole(piece) / whole(pieces))
        .map(|x| (x.clone(), curve.signal_at(&x)))
        .collect();
    let standards: Vec<(Ratio, Ratio)> =
        fitted.asked.points.iter().map(|point| (point.x.to_ratio(), point.y.to_ratio())).collect();
    let across = Axis::of([low, high], LEFT * FINE, (WIDTH - RIGHT) * FINE);
    let up = Axis::of(line.iter().chain(&standards).map(|(_, y)| y), (HEIGHT - BOTTOM) * FINE, TOP * FINE);
    let at = |(x, y): &(Ratio, Ratio)| (across.place(x), up.place(y));
    let mut svg = format!(
        "<svg class=\"control-chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escaped(title)
    );
    axes(&mut svg, &across, &up, &fitted.asked.rule.gives.unit);
    let path: Vec<String> = line.iter().map(at).map(|(x, y)| format!("{},{}", pixels(x), pixels(y))).collect();
    let _ = write!(svg, "<polyline class=\"line\" points=\"{}\"/>", path.join(" "));
    for ((point, back), (x, y)) in fitted.asked.points.iter().zip(curve.back_calculated()).zip(standards.iter().map(at))
    {
        let error = back.deviation_percent.map(|percent| format!(" · {percent} %")).unwrap_or_default();
        let _ = write!(
            svg,
            "<a><title>{} · {}{error}</title><circle cx=\"{}\" cy=\"{}\" r=\"{}\"/></a>",
            point.x,
            point.y,
            pixels(x),
            pixels(y),
            pixels(MARK)
        );
    }
    svg + "</svg>"
}

/// A drawn curve as it is printed: no style sheet reaches it there, so it carries its own.
pub fn on_paper(svg: &str) -> String {
    let Some((head, drawn)) = svg.split_once('>') else { return String::new() };
    format!("{head} xmlns=\"http://www.w3.org/2000/svg\"><style>{PAPER}</style>{drawn}")
}

/// Black on white, thin rules.
const PAPER: &str = ".line{fill:none;stroke:#000;stroke-width:1.5}.border{stroke:#000;stroke-width:0.8}\
    circle{fill:#fff;stroke:#000;stroke-width:1.2}text{font-family:\"Noto Sans\",\"Noto Sans CJK SC\";font-size:12px}\
    .scale{text-anchor:end}";

/// From values to tenths of a pixel.
struct Axis {
    low: Ratio,
    high: Ratio,
    from: i64,
    to: i64,
}

impl Axis {
    fn of<'v>(values: impl IntoIterator<Item = &'v Ratio>, from: i64, to: i64) -> Self {
        let mut values = values.into_iter();
        let first = values.next().cloned().unwrap_or_default();
        let (low, high) =
            values.fold((first.clone(), first), |(low, high), value| (low.min(value.clone()), high.max(value.clone())));
        Self { low, high, from, to }
    }

    fn place(&self, value: &Ratio) -> i64 {
        let span = &self.high - &self.low;
        if span.is_zero() {
            return self.from;
        }
        let way = (value - &self.low) / span * whole(self.to - self.from);
        self.from + way.round().to_integer().to_i64().unwrap_or_default()
    }
}

/// The frame, and both ends of both scales.
fn axes(svg: &mut String, across: &Axis, up: &Axis, unit: &str) {
    let (left, right, top, bottom) = (LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM);
    let _ = write!(
        svg,
        "<line class=\"border\" x1=\"{left}\" x2=\"{right}\" y1=\"{bottom}\" y2=\"{bottom}\"/>\
         <line class=\"border\" x1=\"{left}\" x2=\"{left}\" y1=\"{top}\" y2=\"{bottom}\"/>\
         <text class=\"scale\" x=\"{}\" y=\"{bottom}\">{}</text><text class=\"scale\" x=\"{}\" y=\"{top}\">{}</text>\
         <text x=\"{left}\" y=\"{}\">{}</text><text class=\"scale\" x=\"{right}\" y=\"{}\">{} {}</text>",
        left - 6,
        plain(&up.low),
        left - 6,
        plain(&up.high),
        bottom + 20,
        plain(&across.low),
        bottom + 16,
        plain(&across.high),
        escaped(unit)
    );
}

fn pixels(tenths: i64) -> String {
    format!("{}.{}", tenths / FINE, (tenths % FINE).abs())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::import::{CurveRule, Input};
    use crate::domain::decimal::Decimal;
    use crate::judgement::curve::{CurvePoint, Weight};
    use crate::testing::curves::CurveAsked;

    fn drawn(degree: u32, points: &[(&str, &str)], title: &str) -> String {
        let number = |text: &str| Decimal::parse(text).unwrap();
        let gives = Input { name: "rho".into(), unit: "<mg/L>".into() };
        let rule = CurveRule { gives, weight: Weight::None, degree, min_r: number("0.9"), levels: 2 };
        let points = points.iter().map(|(x, y)| CurvePoint { x: number(x), y: number(y) }).collect();
        let asked = CurveAsked { rule, points };
        draw(&asked.fitted().unwrap(), title)
    }

    /// From 90 to 460 px across and from 260 up to 20: the middle of both is (275, 140).
    #[test]
    fn standards_lie_where_their_values_are() {
        let svg = drawn(1, &[("0", "0"), ("5", "50"), ("10", "100")], "铅 & 曲线");
        assert!(svg.contains("aria-label=\"铅 &amp; 曲线\""), "{svg}");
        assert!(svg.contains("points=\"90.0,260.0 460.0,20.0\""), "{svg}");
        assert!(svg.contains("<title>5 · 50 · 0.00 %</title><circle cx=\"275.0\" cy=\"140.0\""), "{svg}");
        assert!(svg.contains("10 &lt;mg/L&gt;</text>"), "{svg}");
    }

    #[test]
    fn on_paper_a_curve_carries_its_own_style() {
        let printed = on_paper(&drawn(1, &[("0", "0"), ("10", "100")], "a > b"));
        let (head, rest) = printed.split_once("><style>").unwrap();
        assert!(head.ends_with("aria-label=\"a &gt; b\" xmlns=\"http://www.w3.org/2000/svg\""), "{head}");
        assert!(rest.contains(".scale{text-anchor:end}</style><line class=\"border\""), "{rest}");
        assert_eq!(on_paper(""), "");
    }

    #[test]
    fn a_parabola_is_drawn_in_pieces() {
        let svg = drawn(2, &[("0", "0"), ("1", "1"), ("2", "4"), ("4", "16")], "x");
        // At the middle, x = 2, it has risen by 4 of 16: 260 - 60.
        assert!(svg.contains(" 275.0,200.0 "), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 4);
    }
}
