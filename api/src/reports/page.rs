//! The annual report as a page to print: A4, black on white, without scripts and without anything from elsewhere.
use super::annual::AnnualReport;
use super::charts::{bars, escape, years};
use super::figures::FigureValue;
use domain::reports::Unit;
use serde_json::Value;
use std::fmt::Write;

/// A figure over years.
pub struct Series {
    /// What it says.
    pub text: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// Its values, the earliest first.
    pub values: Vec<(i32, i64)>,
}

/// What stands on the page beside the report itself.
pub struct Extras {
    /// Names of counties by their codes, in the order of the codes.
    pub counties: Vec<(String, String)>,
    /// Figures over years.
    pub series: Vec<Series>,
}

/// Figures that are drawn by county.
const BY_COUNTY: [&str; 4] = ["F12", "F13", "F14", "F17"];

const STYLE: &str = "
@page { size: A4; margin: 25mm 22mm 22mm; }
* { box-sizing: border-box; }
body { font-family: FangSong, 仿宋, STFangsong, 'Noto Serif CJK SC', 'Source Han Serif SC', serif; font-size: 16px; line-height: 1.75; color: #111; max-width: 178mm; margin: 0 auto; padding: 12mm 4mm; }
header { text-align: center; border-bottom: 3px double #b5261e; padding-bottom: 14px; margin-bottom: 22px; }
h1 { font-family: SimSun, 宋体, 'Noto Serif CJK SC', serif; font-size: 29px; letter-spacing: 2px; margin: 8px 0 10px; }
header p { margin: 2px 0; font-size: 14px; color: #444; }
h2 { font-family: SimHei, 黑体, 'Noto Sans CJK SC', sans-serif; font-size: 18px; font-weight: 600; margin: 20px 0 4px; break-after: avoid; }
h3 { font-family: KaiTi, 楷体, 'Noto Serif CJK SC', serif; font-size: 16px; font-weight: 600; margin: 6px 0 0; text-indent: 2em; break-after: avoid; }
p.text { text-indent: 2em; margin: 0; text-align: justify; }
b { font-weight: 600; }
table { width: 100%; border-collapse: collapse; font-size: 13px; line-height: 1.5; margin: 8px 0 4px; }
th, td { border: 1px solid #777; padding: 3px 6px; }
th { white-space: nowrap; font-family: SimHei, 黑体, 'Noto Sans CJK SC', sans-serif; font-weight: 600; background: #f5ecec; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.c { text-align: center; white-space: nowrap; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
figure { margin: 14px 0 18px; break-inside: avoid; }
figcaption { font-family: SimHei, 黑体, 'Noto Sans CJK SC', sans-serif; font-size: 14px; text-align: center; margin-bottom: 6px; }
svg { width: 100%; font-size: 13px; font-family: 'Noto Sans CJK SC', SimHei, sans-serif; fill: #222; }
footer { margin-top: 24px; border-top: 1px solid #999; padding-top: 6px; font-size: 12px; color: #555; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 24px; }
section.annex { break-before: page; }
";

const ORDINALS: [&str; 6] = ["一", "二", "三", "四", "五", "六"];

/// The page.
pub fn page(report: &AnnualReport, extras: &Extras) -> String {
    let (title, name) = (escape(&report.title), escape(&report.division_name));
    let mut html = format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head><body><header><h1>{title}</h1><p>数据截至{}</p>\
         <p>{name}所辖{}个县区，{}个县区有数据</p></header>",
        date(report.as_of),
        report.coverage.counties,
        report.coverage.reporting,
    );
    for (section, ordinal) in report.sections.iter().zip(ORDINALS) {
        let _ = write!(html, "<h2>{ordinal}、{}</h2>", escape(section.title));
        if section.sentences.is_empty() {
            html.push_str("<p class=\"text\">本年度没有可报告的数据。</p>");
        }
        let mut parts = 0;
        for group in section.sentences.chunk_by(|a, b| a.part == b.part) {
            if let (Some(part), Some(n)) = (group.first().and_then(|s| s.part), ORDINALS.get(parts)) {
                let _ = write!(html, "<h3>({n}){}</h3>", escape(part));
                parts += 1;
            }
            let text: String = group.iter().map(|s| escape(&s.text)).collect();
            let _ = write!(html, "<p class=\"text\">{text}</p>");
        }
    }
    html.push_str("<section class=\"annex\"><h2>附件一 主要指标</h2>");
    html.push_str("<table><thead><tr><th>编号</th><th>指标</th><th>表述</th><th>本年</th><th>上年</th><th>增减</th><th>单位</th></tr></thead><tbody>");
    for figure in report.sections.iter().flat_map(|s| &s.figures) {
        row(&mut html, figure);
    }
    html.push_str("</tbody></table></section>");
    by_county(&mut html, report, extras);
    over_years(&mut html, extras);
    let _ = write!(
        html,
        "<footer>本报告由{name}老干部工作数据汇总生成，各项数据均可追溯至原始记录；人与人次分别统计，不作合计。</footer></body></html>"
    );
    html
}

fn row(html: &mut String, figure: &FigureValue) {
    let before = figure.year_before.as_ref();
    let shown = |value: Option<&Value>| value.map_or_else(String::new, Value::to_string);
    let change = before.map(|b| &b.change).map_or_else(String::new, |change| {
        let sign = if change.as_f64().is_some_and(|n| n > 0.0) { "+" } else { "" };
        format!("{sign}{change}")
    });
    let _ = write!(
        html,
        "<tr><td class=\"c\">{}</td><td>{}</td><td class=\"c\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{change}</td><td class=\"c\">{}</td></tr>",
        figure.figure_id,
        escape(figure.text),
        escape(&figure.display_text),
        figure.value,
        shown(before.map(|b| &b.value)),
        measure(figure.unit),
    );
}

/// The unit in Chinese.
fn measure(unit: &str) -> &'static str {
    match unit {
        "person" => "人",
        "person_time" => "人次",
        "session" => "场",
        "org" | "account" | "count" => "个",
        "school" => "所",
        "item" => "件",
        "issue" => "期",
        "yuan" => "元",
        // Of a rank and of counties the words have it.
        "place" => "",
        "percent" => "%",
        _ => "",
    }
}

fn by_county(html: &mut String, report: &AnnualReport, extras: &Extras) {
    if extras.counties.len() < 2 {
        return;
    }
    html.push_str("<section class=\"annex\"><h2>附件二 分县区情况</h2>");
    for id in BY_COUNTY {
        let Some(figure) = report.sections.iter().flat_map(|s| &s.figures).find(|f| f.figure_id == id) else {
            continue;
        };
        let of = |code: &str| {
            let county = figure.counties.iter().find(|c| c.division_code.as_str() == code);
            county.and_then(|c| c.value.as_i64()).unwrap_or_default()
        };
        let values: Vec<(String, i64)> = extras.counties.iter().map(|(code, name)| (name.clone(), of(code))).collect();
        if values.iter().any(|(_, n)| *n > 0) {
            let caption = format!("{}({})", figure.text, measure(figure.unit));
            let _ = write!(
                html,
                "<figure><figcaption>{}</figcaption>{}</figure>",
                escape(&caption),
                bars(&caption, &values)
            );
        }
    }
    html.push_str("</section>");
}

fn over_years(html: &mut String, extras: &Extras) {
    html.push_str("<section class=\"annex\"><h2>附件三 历年情况</h2><div class=\"pair\">");
    for series in &extras.series {
        let caption = format!("{}({})", series.text, measure(series.unit.as_str()));
        let _ = write!(
            html,
            "<figure><figcaption>{}</figcaption>{}</figure>",
            escape(&caption),
            years(&caption, &series.values)
        );
    }
    html.push_str("</div></section>");
}

fn date(day: domain::NaiveDate) -> String {
    use chrono::Datelike;
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}
