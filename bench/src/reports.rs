//! Statutory tables and the annual report: made anew against the same question asked of the database directly, and
//! repeated against point reads.
use crate::children::output;
use crate::export::{Rows, tool_for};
use crate::load::{self, Tally};
use crate::report::{Row, Target};
use crate::scenarios as send;
use crate::server::Api;
use crate::{http, run::span};
use anyhow::{Context, Result, ensure};
use std::time::Instant;

/// Days that are asked for in turn: a day that was not asked for before is not kept.
const DAYS: u32 = 20;
/// What is repeated.
const KEPT: [&str; 2] = ["/api/v1/statistics/R1?year=2021", "/api/v1/reports/annual?year=2021"];

/// The ages of all in care by county on a day, as somebody would write it who needs it once.
fn by_hand(day: &str) -> String {
    let (year, birthday) = day.split_at(4);
    let birthday = &birthday[1..];
    let age = format!(
        "({year} - cast(substr(birth_date, 1, 4) as integer) - case when substr(birth_date, 6) > '{birthday}' then 1 else 0 end)"
    );
    let bands = [(0, 45), (46, 50), (51, 55), (56, 60), (61, 70), (71, 80), (81, 90), (91, 99), (100, 999)];
    let band = |(from, to): &(i32, i32)| format!("count(case when {age} between {from} and {to} then 1 end)");
    let bands: Vec<String> = bands.iter().map(band).collect();
    format!(
        "select substr(division_code, 1, 6), count(*), {}, avg({age}) from cadres where deleted_at is null and \
         status in ('in_care', 'transfer_pending') and retire_date <= '{day}' group by 1 order by 1",
        bands.join(", ")
    )
}

/// The rows of the report about both. `points` is what was measured of point reads.
///
/// # Errors
/// When the server or the tool fails.
pub async fn compare(
    api: &Api,
    rows: &Rows<'_>,
    points: &Tally,
    (connections, seconds): (usize, f64),
) -> Result<Vec<Row>> {
    let (mut ours, mut theirs) = (0.0, 0.0);
    for day in 1..=DAYS {
        let day = format!("2021-11-{day:02}");
        let start = Instant::now();
        let path = format!("/api/v1/statistics/R7?year=2021&as_of={day}");
        let table: serde_json::Value = http::json(api.addr, &api.get(&path)).await?;
        ours += start.elapsed().as_secs_f64();
        let start = Instant::now();
        let told = output(&mut tool_for(rows, &by_hand(&day))).await?;
        theirs += start.elapsed().as_secs_f64();
        let sum: u64 = told.lines().filter_map(|line| line.split('|').nth(1)?.parse::<u64>().ok()).sum();
        let total = table["total"]["values"]["total"].as_u64().context("a total")?;
        ensure!(sum == total, "the table of {day} has {total} persons, the statement {sum}");
    }
    let each = |seconds: f64| f64::from(DAYS) / seconds;
    let mean = Some(ours / f64::from(DAYS) * 1000.0);
    let name = "ages by county (R7), made anew, against a statement by hand";
    let mut all = vec![Row::rate(name, each(ours), "", (mean, None), each(theirs), Target::ratio(0.5))];
    for path in KEPT {
        let works = send::repeat(vec![api.get(path)], connections);
        let (_, kept) = load::run(api.addr, works, span(seconds, 1.0)).await?;
        all.push(Row::against_rate(
            format!("{path}, repeated, against point reads"),
            &kept,
            points.rate(),
            "",
            Target::NONE,
        ));
    }
    Ok(all)
}
