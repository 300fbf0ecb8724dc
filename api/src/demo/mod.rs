//! Demo data: the retired cadres of a prefecture-level city at the end of 2021, all of them made up, and the
//! same at every load down to the last id.
//!
//! The model is Heze in the year of the report the product begins with. Its figures are built in, together
//! with rows that a careless count would include: deceased, transferred and void records, organizations
//! that are gone, a campaign of another year.
//!
//! * `places`, `units`: the city and its eleven counties, and the units of each.
//! * `persons`: a life for each cadre, with `names`; `cadres`, with `posts` and `health`: the records.
//! * `organizations`, `memberships`, `party`: the party. `honors`, `standards`: what they receive.
//! * `activities`: what is held, and by whom; `service`: posts in communities and villages, volunteers.
//! * `lives`: families, transfers, deaths, retirements. `care`: benefits and care.
//! * `education`, `publicity`, `staff`: schools and students, articles and consents, who does the work.
//! * `random`: chance that always falls the same way.
mod activities;
mod cadres;
mod care;
mod education;
mod health;
mod honors;
mod lives;
mod memberships;
mod names;
mod organizations;
mod party;
mod persons;
mod places;
mod posts;
mod publicity;
mod random;
mod service;
mod staff;
mod standards;
#[cfg(test)]
mod tests;
mod units;

pub use persons::Named;

use domain::benefits::BenefitStandard;
use domain::cadres::Cadre;
use domain::honors::{CommendationCampaign, Honor};
use domain::input::Draft;
use domain::party::{PartyMembership, PartyOrganization};
use domain::reference::{Unit, heze};
use domain::{DateTime, DivisionCode, Findings, Resource, Scope, Utc, Uuid, Violation};
use party::PartyLife;
use persistence::{Database, Error, Result, Stamp, Store, write};
use serde_json::{Value, json};

/// Records in one write.
const CHUNK: usize = 500;

/// The instant at which the demo's clock stands: the morning of 2021-12-31 in Heze. The two development
/// zones were divisions then.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_640_916_000, 0).unwrap_or_default()
}

/// How many records there are of each resource, in the order in which they were stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Path of the resource, and records.
    pub counts: Vec<(&'static str, u64)>,
}

impl Summary {
    /// All records.
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

/// Stores the demo data in a database that holds the divisions and nothing else. `progress` is told how many
/// writes are done and how many there are; some records are written a second time when they become active.
///
/// # Errors
/// [`Error::Internal`] with the finding when a record does not pass the checks; those of the database.
pub async fn load(db: &Database, progress: &dyn Fn(u64, u64)) -> Result<Summary> {
    let data = Data::new();
    let home = DivisionCode::parse(heze::CITY).ok_or_else(|| Error::internal("the city has no code"))?;
    let stamp = Stamp::system("demo", now());
    let mut loader = Loader { db, progress, home, stamp, done: 0, total: data.writes(), summary: Summary::default() };
    for rows in data.units {
        loader.create(rows).await?;
    }
    loader.create(data.cadres).await?;
    for rows in data.organizations {
        loader.create(rows).await?;
    }
    loader.create(data.memberships).await?;
    // A branch needs its members before it can be active.
    loader.change::<PartyOrganization>(data.active, &json!({ "status": "active" })).await?;
    loader.create(data.campaigns).await?;
    loader.create(data.honors).await?;
    // Their memberships end with them.
    let persons = data.died.into_iter().map(|(person, _)| person).collect();
    loader.change::<Cadre>(persons, &json!({ "status": "deceased", "died_on": "2021-06-26" })).await?;
    loader.create(data.lives.families).await?;
    loader.create(data.lives.retirements).await?;
    loader.create(data.lives.transfers).await?;
    loader.create(data.lives.deaths).await?;
    data.care.load(&mut loader).await?;
    let party = data.party;
    loader.create(party.terms).await?;
    loader.create(party.posts).await?;
    loader.create(party.applications).await?;
    loader.create(party.letters).await?;
    loader.create(party.items).await?;
    loader.create(party.meetings).await?;
    loader.create(party.schemes).await?;
    loader.create(party.evaluations).await?;
    let schooling = data.schooling;
    loader.create(schooling.schools).await?;
    loader.create(schooling.agreements).await?;
    loader.create(schooling.bases).await?;
    loader.create(schooling.facilities).await?;
    loader.create(schooling.projects).await?;
    loader.create(schooling.classes).await?;
    loader.create(schooling.enrollments).await?;
    let publicity = data.publicity;
    loader.create(publicity.accounts).await?;
    // Before the articles that rest on them.
    loader.create(publicity.consents).await?;
    loader.create(publicity.articles).await?;
    loader.create(publicity.reports).await?;
    loader.create(data.working.staff).await?;
    loader.create(data.working.trainings).await?;
    loader.create(data.working.documents).await?;
    loader.change::<CommendationCampaign>(vec![data.closed], &json!({ "status": "closed" })).await?;
    let held = data.activities;
    loader.create(held.consents).await?;
    loader.create(held.programmes).await?;
    loader.create(held.teams).await?;
    loader.create(held.members).await?;
    loader.create(held.activities).await?;
    loader.create(held.signups).await?;
    loader.create(held.exhibitions).await?;
    loader.create(held.showings).await?;
    loader.create(held.contests).await?;
    loader.create(held.wishes).await?;
    loader.create(data.service.posts).await?;
    loader.create(data.service.volunteers).await?;
    loader.create(data.service.services).await?;
    // Last of all, so that whoever finds them finds the rest too.
    loader.create(data.standards).await?;
    loader.create(party.dues).await?;
    Ok(loader.summary)
}

/// Records on their way into the store.
type Rows<R> = Vec<Draft<R>>;

/// A record of a place. The codes are those of [`heze`].
fn draft<R>(id: Uuid, division: &str, data: R) -> Draft<R> {
    Draft { id: Some(id), division_code: DivisionCode::parse(division), external_ref: None, data, warnings: vec![] }
}

/// A record in its normal form, with the fields that follow from its others.
fn settled<R: Resource>(mut data: R) -> R {
    data.check(&mut Findings::default());
    data
}

/// Adds a record of a division.
fn add<R: Resource>(rows: &mut Rows<R>, division: &str, data: R) -> Uuid {
    let id = random::id(R::PATH, rows.len());
    rows.push(draft(id, division, settled(data)));
    id
}

/// Everything that is stored, in order, and what changes afterwards.
struct Data {
    units: [Rows<Unit>; 2],
    cadres: Rows<Cadre>,
    organizations: [Rows<PartyOrganization>; 4],
    memberships: Rows<PartyMembership>,
    campaigns: Rows<CommendationCampaign>,
    honors: Rows<Honor>,
    party: PartyLife,
    lives: lives::Lives,
    activities: activities::Activities,
    service: service::Service,
    care: care::Care,
    standards: Rows<BenefitStandard>,
    schooling: education::Schooling,
    publicity: publicity::Publicity,
    working: staff::Working,
    /// Organizations that become active.
    active: Vec<Uuid>,
    /// Cadres who die, with their memberships.
    died: Vec<(Uuid, Uuid)>,
    /// The campaign that is closed.
    closed: Uuid,
}

impl Data {
    fn new() -> Self {
        let (units, unit_rows) = units::units();
        let mut persons = persons::persons(&units);
        let organizations = organizations::organizations(&units, &mut persons);
        let memberships = memberships::memberships(&persons, &organizations);
        let honors = honors::honors(&units, &persons, &organizations, &memberships);
        let party = party::life(&persons, &organizations, &memberships, &honors.died_since);
        let activities = activities::activities(&units, &persons, &party.posts, &honors.died_since);
        let service = service::service(&persons, &honors.died_since, &activities.red);
        Data {
            activities,
            service,
            lives: lives::lives(&units, &persons),
            care: care::care(&persons, &honors.died_since),
            party,
            schooling: education::schooling(&units, &persons, &honors.died_since),
            publicity: publicity::publicity(&persons, &organizations, &honors.died_since),
            working: staff::working(&units),
            units: unit_rows,
            cadres: cadres::cadres(&persons, &units),
            organizations: organizations.levels,
            memberships: memberships.rows,
            campaigns: honors.campaigns,
            honors: honors.rows,
            standards: standards::standards(),
            active: organizations.preparing,
            died: honors.died_since,
            closed: honors.closed,
        }
    }

    fn writes(&self) -> u64 {
        let units: usize = self.units.iter().map(Vec::len).sum();
        let organizations: usize = self.organizations.iter().map(Vec::len).sum();
        let created = units + self.cadres.len() + organizations + self.memberships.len() + self.campaigns.len();
        let lives = &self.lives;
        let told = lives.families.len() + lives.retirements.len() + lives.transfers.len() + lives.deaths.len();
        let taught = self.schooling.len() + self.publicity.len() + self.working.len();
        let done = self.activities.len() + self.service.len() + self.care.len();
        let created = created + self.party.len() + told + taught + done;
        let changed = self.active.len() + self.died.len() + 1;
        (created + self.honors.len() + self.standards.len() + changed) as u64
    }
}

struct Loader<'a> {
    db: &'a Database,
    progress: &'a dyn Fn(u64, u64),
    home: DivisionCode,
    stamp: Stamp,
    done: u64,
    total: u64,
    summary: Summary,
}

impl Loader<'_> {
    /// Stores new records, so many at a time, all of them checked like those of a request.
    async fn create<R: Store>(&mut self, rows: Rows<R>) -> Result<()> {
        let mut rows = rows.into_iter();
        loop {
            let mut chunk: Rows<R> = rows.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                return Ok(());
            }
            chunk.iter_mut().try_for_each(check)?;
            let (count, home) = (chunk.len() as u64, self.home.clone());
            let create =
                move |tx: &mut persistence::Tx<'_>| write::create_many(tx, &Scope::System, &home, chunk, &[]).map(drop);
            self.db.write(self.stamp.clone(), false, create).await.map_err(named::<R>)?;
            match self.summary.counts.last_mut() {
                Some((path, sum)) if *path == R::PATH => *sum += count,
                _ => self.summary.counts.push((R::PATH, count)),
            }
            self.tell(count);
        }
    }

    /// Makes the same change to records that are as they were created.
    async fn change<R: Store>(&mut self, ids: Vec<Uuid>, patch: &Value) -> Result<()> {
        for chunk in ids.chunks(CHUNK) {
            let (chunk, patch, count) = (chunk.to_vec(), patch.clone(), chunk.len() as u64);
            let change = move |tx: &mut persistence::Tx<'_>| {
                tx.begin()?;
                chunk
                    .into_iter()
                    .try_for_each(|id| write::patch::<R>(tx, &Scope::System, id, 1, patch.clone(), None).map(drop))
            };
            self.db.write(self.stamp.clone(), false, change).await.map_err(named::<R>)?;
            self.tell(count);
        }
        Ok(())
    }

    fn tell(&mut self, count: u64) {
        self.done += count;
        (self.progress)(self.done, self.total);
    }
}

/// Runs the checks that a request would have run, and keeps what they made of the record.
fn check<R: Store>(draft: &mut Draft<R>) -> Result<()> {
    let mut found = Findings::default();
    draft.data.check(&mut found);
    if let Some(error) = found.errors.first() {
        let id = draft.id.unwrap_or_default();
        return Err(Error::internal(format_args!("demo data: {} {id}: {}", R::PATH, describe(error))));
    }
    draft.warnings = found.warnings;
    Ok(())
}

/// An error of the store that says which finding it is.
fn named<R: Store>(error: Error) -> Error {
    let (problem, findings) = match &error {
        Error::Invalid(found) => ("invalid", &found.errors),
        Error::Refused(problem, violations) => (problem.code(), violations),
        _ => return error,
    };
    let findings: Vec<String> = findings.iter().take(5).map(describe).collect();
    Error::internal(format_args!("demo data: {} {problem}: {}", R::PATH, findings.join("; ")))
}

fn describe(violation: &Violation) -> String {
    format!("{} {} {:?}", violation.pointer, violation.rule.code(), violation.args)
}
