//! Benefits and care: guarantees, expenses and their pools, sanatoriums, contacts, visits, hardship. Each machine is in
//! every state, and each figure has rows beside it that it must not count.
mod contacts;
mod expenses;
mod hardship;
mod stays;

use super::persons::Person;
use super::places::PLACES;
use super::random::id;
use super::{Loader, Rows, draft};
use domain::benefits::{
    CareContact, CarePair, GreenChannelCase, GuaranteeStatus, HardshipCase, HardshipScheme, HealthCheckup,
    MedicalClaim, MedicalPoolEntry, SanatoriumPlan, SanatoriumStay, Visit,
};
use domain::codes::{CadreStatus, RetireType};
use domain::{Resource, Uuid};
use persistence::Result;
use std::collections::HashSet;

/// All of it.
#[derive(Default)]
pub(super) struct Care {
    pub guarantees: Rows<GuaranteeStatus>,
    pub entries: Rows<MedicalPoolEntry>,
    pub claims: Rows<MedicalClaim>,
    pub channels: Rows<GreenChannelCase>,
    pub plans: Rows<SanatoriumPlan>,
    pub stays: Rows<SanatoriumStay>,
    pub pairs: Rows<CarePair>,
    pub contacts: Rows<CareContact>,
    pub visits: Rows<Visit>,
    pub schemes: Rows<HardshipScheme>,
    pub hardships: Rows<HardshipCase>,
    pub checkups: Rows<HealthCheckup>,
}

impl Care {
    /// How many records there are.
    pub fn len(&self) -> usize {
        let paid = self.guarantees.len() + self.entries.len() + self.claims.len();
        let stayed = self.channels.len() + self.plans.len() + self.stays.len() + self.checkups.len();
        let met = self.pairs.len() + self.contacts.len() + self.visits.len();
        paid + stayed + met + self.schemes.len() + self.hardships.len()
    }
    /// Stores it. What is paid needs a pool first.
    pub async fn load(self, loader: &mut Loader<'_>) -> Result<()> {
        loader.create(self.guarantees).await?;
        loader.create(self.entries).await?;
        loader.create(self.claims).await?;
        loader.create(self.channels).await?;
        loader.create(self.plans).await?;
        loader.create(self.stays).await?;
        loader.create(self.pairs).await?;
        loader.create(self.contacts).await?;
        loader.create(self.visits).await?;
        loader.create(self.schemes).await?;
        loader.create(self.hardships).await?;
        loader.create(self.checkups).await
    }
}

/// All of it. `died` names cadres who die meanwhile: nobody visits them any more.
pub(super) fn care(persons: &[Person], died: &[(Uuid, Uuid)]) -> Care {
    let died: HashSet<Uuid> = died.iter().map(|(person, _)| *person).collect();
    let here = |p: &&Person| p.status == CadreStatus::InCare && !died.contains(&p.id);
    let living: Vec<&Person> = persons.iter().filter(here).collect();
    let lixiu: Vec<&Person> = living.iter().copied().filter(|p| p.life.retire_type == RetireType::Lixiu).collect();
    let mut care = Care::default();
    expenses::fill(&mut care, persons, &lixiu);
    stays::fill(&mut care, &living, &lixiu);
    contacts::fill(&mut care, &living, &lixiu);
    hardship::fill(&mut care, &living);
    care
}

/// Adds a record that belongs to a division.
fn add<R: Resource>(rows: &mut Rows<R>, division: &str, data: R) -> Uuid {
    let id = id(R::PATH, rows.len());
    rows.push(draft(id, division, data));
    id
}

fn code(person: &Person) -> &'static str {
    PLACES.get(person.place).map_or("", |p| p.code)
}

/// The state whose turn it is.
fn turn<T: Copy>(of: &[T], n: usize, otherwise: T) -> T {
    of.get(n % of.len().max(1)).copied().unwrap_or(otherwise)
}
