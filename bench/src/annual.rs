//! The annual report of a city of the size that is asked for: made anew, against the questions of its figures as
//! somebody would write them by hand.
use crate::children::output;
use crate::export::{Rows, tool_for};
use crate::http;
use crate::place::Place;
use crate::postgres::Cluster;
use crate::report::{Report, Row, Target};
use crate::run::{Engine, Plan};
use crate::server::{Api, Laogan};
use crate::{load, machine, run, scenarios as send};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::time::Instant;
use tokio::process::Command;

/// Days that are asked for in turn: a day that was not asked for before is not kept.
const DAYS: u32 = 5;
/// Activities for each cadre, as in a city with a million of them.
const ACTIVITIES: u64 = 3;

/// `held in the year`, as of a day.
macro_rules! held {
    ($that:literal) => {
        concat!(
            "activities where deleted_at is null and status = 'held' and held_on >= '{year}-01-01' and held_on <= '{day}' and ",
            $that
        )
    };
}
/// Posts of a person who is a party member and lives in the care of the city.
macro_rules! posts {
    ($area:literal, $bodies:literal) => {
        concat!(
            "service_posts p where p.deleted_at is null and area = '", $area, "' and body_kind in (", $bodies, ") and ",
            "(started_on is null or started_on <= '{day}') and (ended_on is null or ended_on >= '{day}') and ",
            "exists (select 1 from party_memberships m where m.cadre_id = p.cadre_id and m.deleted_at is null and formal and ",
            "(joined_on is null or joined_on <= '{day}') and (status in ('full','probationary','transferred','deceased') or suspended_on > '{day}')) and ",
            "exists (select 1 from cadres c where c.id = p.cadre_id and c.deleted_at is null and (died_on is null or died_on > '{day}') and ",
            "(c.status in ('pre_registered','in_care','transfer_pending','deceased') or exists (select 1 from cadre_transfers t ",
            "where t.cadre_id = c.id and t.deleted_at is null and t.status = 'done' and direction = 'out' and effective_date > '{day}')))"
        )
    };
}
/// Honors of the year's “本色家园” campaign.
macro_rules! commended {
    ($category:literal) => {
        concat!(
            "honors h where h.deleted_at is null and category = '", $category, "' and h.status = 'awarded' and ",
            "awarded_on >= '{year}' and awarded_on <= '{day}' and campaign_id in (select id from commendation_campaigns ",
            "where deleted_at is null and kind = 'bense_jiayuan' and year = {year})"
        )
    };
}
const BRANCHES: &str = "deleted_at is null and kind = 'residential_branch' and (established_on is null or established_on <= '{day}') and (status = 'active' or ended_on > '{day}')";

/// Figure, what is counted or added, and of what. The other fifteen read no more than a few rows.
const BY_HAND: &[(&str, &str, &str)] = &[
    (
        "F01",
        "count(distinct cadre_id)",
        "team_members where deleted_at is null and (started_on is null or started_on <= '{day}') and (ended_on is null or ended_on >= '{day}') and team_id in (select id from teams where deleted_at is null and kind = 'lecture_corps' and (founded_on is null or founded_on <= '{day}') and (ended_on is null or ended_on >= '{day}'))",
    ),
    (
        "F04",
        "count(*)",
        held!(
            "programme_id in (select id from programmes where deleted_at is null and theme = 'plenary_session' and starts_on <= '{day}' and (ends_on is null or ends_on >= '{year}-01-01'))"
        ),
    ),
    (
        "F05",
        "coalesce(sum(audience_count), 0)",
        held!(
            "programme_id in (select id from programmes where deleted_at is null and theme = 'plenary_session' and starts_on <= '{day}' and (ends_on is null or ends_on >= '{year}-01-01'))"
        ),
    ),
    (
        "F39",
        "count(*)",
        "honors where deleted_at is null and kind = 'party50_medal' and status = 'awarded' and awarded_on >= '{year}' and awarded_on <= '{day}'",
    ),
    ("F06", "count(*)", commended!("party_member")),
    ("F07", "count(*)", commended!("party_secretary")),
    ("F08", "count(*)", commended!("party_org")),
    (
        "F09",
        "count(*)",
        "party_organizations where {branches} and substr(division_code, 1, 6) = (select substr(division_code, 1, 6) from party_organizations where {branches} group by 1 order by count(*) desc, 1 limit 1)",
    ),
    (
        "F10",
        "count(distinct cadre_id)",
        "party_posts where deleted_at is null and (started_on is null or started_on <= '{day}') and (ended_on is null or ended_on >= '{day}') and party_organization_id in (select id from party_organizations where {branches} and substr(division_code, 1, 6) = (select substr(division_code, 1, 6) from party_organizations where {branches} group by 1 order by count(*) desc, 1 limit 1))",
    ),
    (
        "F11",
        "count(*)",
        "membership_applications a where a.deleted_at is null and applied_on >= '{year}-01-01' and applied_on <= '{day}' and exists (select 1 from cadres c where c.id = a.cadre_id and c.deleted_at is null and retire_type = 'lixiu')",
    ),
    ("F12", "count(distinct cadre_id)", posts!("urban", "'community','grid','social_org'")),
    (
        "F13",
        "count(distinct cadre_id)",
        posts!("rural", "'wedding_funeral_council','elders_mediation','villagers_council'"),
    ),
    ("F14", "count(*)", held!("theme = 'red_education' and by_five_elders")),
    ("F15", "coalesce(sum(audience_count), 0)", held!("theme = 'red_education' and by_five_elders")),
    ("F16", "count(distinct substr(division_code, 1, 6))", held!("theme = 'drowning_prevention'")),
    ("F17", "count(distinct school_code)", held!("theme = 'drowning_prevention'")),
    ("F18", "coalesce(sum(audience_count), 0)", held!("theme = 'drowning_prevention'")),
    ("F19", "count(*)", held!("kind = 'dialogue'")),
    (
        "F22",
        "count(*)",
        "exhibition_showings where deleted_at is null and shown_on >= '{year}-01-01' and shown_on <= '{day}' and exhibition_id = (select exhibition_id from exhibition_showings where deleted_at is null and shown_on >= '{year}-01-01' and shown_on <= '{day}' group by 1 order by count(*) desc, 1 limit 1)",
    ),
    (
        "F23",
        "coalesce(sum(visitors), 0)",
        "exhibition_showings where deleted_at is null and shown_on >= '{year}-01-01' and shown_on <= '{day}' and exhibition_id = (select exhibition_id from exhibition_showings where deleted_at is null and shown_on >= '{year}-01-01' and shown_on <= '{day}' group by 1 order by count(*) desc, 1 limit 1)",
    ),
    (
        "F28",
        "count(*)",
        "senior_universities where deleted_at is null and kind = 'branch' and opened_on >= '{year}' and opened_on <= '{day}'",
    ),
    (
        "F29",
        "count(*)",
        "senior_universities where deleted_at is null and kind = 'branch' and level = 'township' and joint_with = 'township_party_school' and opened_on >= '{year}' and opened_on <= '{day}'",
    ),
    (
        "F30",
        "count(*)",
        held!(
            "programme_id in (select id from programmes where deleted_at is null and theme = 'public_lecture' and starts_on <= '{day}' and (ends_on is null or ends_on >= '{year}-01-01'))"
        ),
    ),
    (
        "F38",
        "count(*)",
        "classes where deleted_at is null and mode = 'online' and status in ('enrolling','running','finished') and starts_on >= '{year}-01-01' and starts_on <= '{day}'",
    ),
    (
        "F26",
        "count(distinct occasion)",
        "visits where deleted_at is null and occasion in ('spring_festival','july_1','national_day') and visited_on >= '{year}-01-01' and visited_on <= '{day}'",
    ),
    ("F36", "count(distinct mechanism)", "guarantee_statuses where deleted_at is null and year = {year}"),
];

/// All questions for a day: each figure in the whole city, by county, and in the whole city a year before.
fn by_hand(year: i32, day: &str) -> String {
    let mut all = String::new();
    for (id, what, of) in BY_HAND {
        let asked = |year: i32, of: &str| {
            of.replace("{branches}", BRANCHES)
                .replace("{day}", &format!("{year}-{day}"))
                .replace("{year}", &year.to_string())
        };
        let (now, before) = (asked(year, of), asked(year - 1, of));
        all.push_str(&format!("select '{id}', {what} from {now}; "));
        all.push_str(&format!("select substr(division_code, 1, 6), {what} from {now} group by 1 order by 1; "));
        all.push_str(&format!("select '-', {what} from {before}; "));
    }
    all
}

/// Statements that leave so many rows in a table, each a copy of one that the demo data brought.
fn grown(table: &str, copies: u64, cleared: &str, id: &str) -> String {
    let mut sql = format!("create temporary table copies as select * from {table}; ");
    for _ in 0..copies {
        sql.push_str(&format!("update copies set id = {id}{cleared}; insert into {table} select * from copies; "));
    }
    sql + "drop table copies; "
}

/// Runs statements that write.
async fn write(rows: &Rows<'_>, sql: &str) -> Result<String> {
    match rows {
        Rows::Sqlite(file) => {
            let all = format!(
                "pragma synchronous = off; pragma cache_size = -400000; begin; {sql} commit; pragma wal_checkpoint(truncate);"
            );
            output(Command::new("sqlite3").arg(file).arg(all)).await
        }
        Rows::Postgres(cluster) => output(&mut cluster.psql(sql)).await,
    }
}

async fn count(rows: &Rows<'_>, table: &str) -> Result<u64> {
    let told = output(&mut tool_for(rows, &format!("select count(*) from {table}"))).await?;
    told.trim().parse().context("a count")
}

/// Measures the report alone, on demo data that is copied until there are as many cadres as the plan says.
///
/// # Errors
/// When something cannot be started, set up, or understood, or a figure differs from what was asked by hand.
pub async fn run(
    plan: &Plan,
    engine: Engine,
    name: &'static str,
    place: &Place,
    cluster: Option<&Cluster>,
) -> Result<Report> {
    let directory = place.path().join("server");
    let url = cluster.map(Cluster::url);
    run::say(name, "the demo data");
    let mut demo = Command::new(&plan.server);
    demo.args(["demo", "--data-dir"]).arg(&directory).env("LAOGAN_LOG", "warn");
    match &url {
        Some(url) => demo.env("DATABASE_URL", url),
        None => demo.env_remove("DATABASE_URL"),
    };
    output(&mut demo).await?;
    let file = directory.join("laogan.db");
    let rows = cluster.map_or(Rows::Sqlite(&file), Rows::Postgres);
    let id = if engine == Engine::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
    run::say(name, "copies of it");
    let copies = |there: u64, wanted: u64| wanted.saturating_sub(there) / there.max(1);
    let cadres = copies(count(&rows, "cadres").await?, plan.rows);
    let activities = copies(count(&rows, "activities").await?, plan.rows * ACTIVITIES + plan.rows / ACTIVITIES);
    write(
        &rows,
        &grown(
            "cadres",
            cadres,
            ", id_number = null, id_number_index = null, external_system = null, external_id = null",
            id,
        ),
    )
    .await?;
    write(&rows, &grown("activities", activities, ", external_system = null, external_id = null", id)).await?;
    if let Some(cluster) = cluster {
        cluster.settle().await?;
    }
    let size = format!("{} cadres and {} activities", count(&rows, "cadres").await?, count(&rows, "activities").await?);
    let server = Laogan::start(&plan.server, &directory, url.as_deref()).await?;
    run::say(name, "the report");
    let mut all = vec![anew(&server.api, &rows).await?];
    let path = "/api/v1/reports/annual?year=2021";
    let points = send::repeat(vec![server.api.get("/api/v1/divisions?limit=1")], plan.connections);
    let (_, points) = load::run(server.api.addr, points, run::span(plan.seconds, 1.0)).await?;
    let kept = send::repeat(vec![server.api.get(path)], plan.connections);
    let (_, kept) = load::run(server.api.addr, kept, run::span(plan.seconds, 1.0)).await?;
    all.push(Row::against_rate(
        format!("{path}, repeated, against lists of one"),
        &kept,
        points.rate(),
        "",
        Target::NONE,
    ));
    server.stop().await?;
    let notes = vec![machine::describe(&plan.server, cluster).await?, size];
    Ok(Report { engine: name, rows: all, notes })
}

/// The report of a day that nobody has asked for, and the same by hand, in turn.
async fn anew(api: &Api, rows: &Rows<'_>) -> Result<Row> {
    let (mut ours, mut theirs) = (0.0, 0.0);
    for n in 1..=DAYS {
        let day = format!("12-{:02}", 31 - n);
        let start = Instant::now();
        let path = format!("/api/v1/reports/annual?year=2021&as_of=2021-{day}");
        let report: serde_json::Value = http::json(api.addr, &api.get(&path)).await?;
        ours += start.elapsed().as_secs_f64();
        let start = Instant::now();
        let told = output(&mut tool_for(rows, &by_hand(2021, &day))).await?;
        theirs += start.elapsed().as_secs_f64();
        agree(&report, &told)?;
    }
    let each = |seconds: f64| f64::from(DAYS) / seconds;
    let mean = Some(ours / f64::from(DAYS) * 1000.0);
    Ok(Row::rate(
        "the annual report, made anew, against statements by hand",
        each(ours),
        "",
        (mean, None),
        each(theirs),
        Target::ratio(0.5),
    ))
}

/// Makes sure that both sides have found the same.
fn agree(report: &serde_json::Value, told: &str) -> Result<()> {
    let figures =
        report["sections"].as_array().into_iter().flatten().flat_map(|s| s["figures"].as_array().into_iter().flatten());
    let values: BTreeMap<&str, i64> =
        figures.filter_map(|f| Some((f["figure_id"].as_str()?, f["value"].as_i64()?))).collect();
    let mut seen = 0;
    for (id, value) in told.lines().filter_map(|line| line.split_once('|')).filter(|(id, _)| id.starts_with('F')) {
        ensure!(
            values.get(id).map(ToString::to_string).as_deref() == Some(value),
            "{id} is {:?} in the report, {value} by hand",
            values.get(id)
        );
        seen += 1;
    }
    ensure!(seen == BY_HAND.len(), "{seen} of {} figures were told", BY_HAND.len());
    Ok(())
}
