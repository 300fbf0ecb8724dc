//! Charts as SVG, drawn here: a page to print loads nothing from elsewhere and runs no script.
use std::fmt::Write;

/// Width of a chart in pixels of its own.
const WIDTH: i64 = 640;
/// Height of a bar with its gap.
const BAR: i64 = 26;
/// Room for the names before the bars.
const NAMES: i64 = 150;
/// Room for the numbers behind them.
const NUMBERS: i64 = 90;

/// A text as it may stand in HTML and SVG.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Horizontal bars, one for each name, in the order given.
pub fn bars(title: &str, values: &[(String, i64)]) -> String {
    let most = values.iter().map(|(_, n)| *n).max().unwrap_or_default().max(1);
    let height = BAR * i64::try_from(values.len()).unwrap_or_default() + 8;
    let mut svg = open(title, height);
    for (i, (name, n)) in (0..).zip(values) {
        let (y, length) = (i * BAR + 4, (WIDTH - NAMES - NUMBERS) * n / most);
        let (text, name) = (y + BAR - 10, escape(name));
        let _ = write!(
            svg,
            r##"<text x="{}" y="{text}" text-anchor="end">{name}</text><rect x="{NAMES}" y="{y}" width="{length}" height="{}" fill="#b5261e"/><text x="{}" y="{text}">{n}</text>"##,
            NAMES - 10,
            BAR - 8,
            NAMES + length + 8,
        );
    }
    svg.push_str("</svg>");
    svg
}

/// Upright bars, one a year.
pub fn years(title: &str, values: &[(i32, i64)]) -> String {
    const HEIGHT: i64 = 190;
    const FOOT: i64 = 26;
    const HEAD: i64 = 24;
    let most = values.iter().map(|(_, n)| *n).max().unwrap_or_default().max(1);
    let count = i64::try_from(values.len()).unwrap_or(1).max(1);
    let step = WIDTH / count;
    let mut svg = open(title, HEIGHT);
    let floor = HEIGHT - FOOT;
    let _ = write!(svg, r##"<line x1="0" y1="{floor}" x2="{WIDTH}" y2="{floor}" stroke="#888"/>"##);
    for (i, (year, n)) in (0..).zip(values) {
        let length = (HEIGHT - FOOT - HEAD) * n / most;
        let (middle, width) = (i * step + step / 2, step / 2);
        // The year of the report stands out.
        let colour = if i + 1 == count { "#b5261e" } else { "#d9a19d" };
        let _ = write!(
            svg,
            r##"<rect x="{}" y="{}" width="{width}" height="{length}" fill="{colour}"/><text x="{middle}" y="{}" text-anchor="middle">{n}</text><text x="{middle}" y="{}" text-anchor="middle">{year}年</text>"##,
            middle - width / 2,
            floor - length,
            floor - length - 7,
            HEIGHT - 7,
        );
    }
    svg.push_str("</svg>");
    svg
}

fn open(title: &str, height: i64) -> String {
    let title = escape(title);
    format!(
        r#"<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}" xmlns="http://www.w3.org/2000/svg">"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_in_proportion_and_no_name_becomes_markup() {
        let svg = bars("甲<b>", &[("单县".into(), 100), ("<script>".into(), 50), ("曹县".into(), 0)]);
        let full = WIDTH - NAMES - NUMBERS;
        for length in [full, full / 2, 0] {
            assert!(svg.contains(&format!("width=\"{length}\"")), "{svg}");
        }
        assert!(!svg.contains("<script") && !svg.contains("<b>"), "{svg}");
        let svg = years("乙", &[(2020, 0), (2021, 7)]);
        assert!(svg.contains("2020年") && svg.contains(">7<") && svg.ends_with("</svg>"));
        assert!(years("丙", &[]).ends_with("</svg>"));
    }
}
