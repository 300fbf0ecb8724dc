//! Schools, publicity, staff.
use super::*;

#[test]
fn every_state_of_education_publicity_and_staff_is_there() {
    let (schooling, publicity, working) = (&DATA.schooling, &DATA.publicity, &DATA.working);
    all(schooling.schools.iter().map(|r| r.data.kind));
    all(schooling.schools.iter().map(|r| r.data.level));
    all(schooling.classes.iter().map(|r| r.data.status));
    all(schooling.classes.iter().map(|r| r.data.mode));
    all(schooling.enrollments.iter().map(|r| r.data.status));
    all(schooling.projects.iter().map(|r| r.data.status));
    all(schooling.projects.iter().map(|r| r.data.kind));
    all(schooling.bases.iter().map(|r| r.data.kind));
    all(publicity.articles.iter().map(|r| r.data.status));
    all(publicity.articles.iter().map(|r| r.data.kind));
    all(working.staff.iter().map(|r| r.data.kind));
    all(working.documents.iter().map(|r| r.data.status));
    assert!(schooling.classes.iter().any(|c| c.data.is_featured));
    let late = schooling.projects.iter().filter(|p| p.data.days_late(day("2021-12-31")).is_some());
    assert_eq!(late.count(), 3);
    let names = schooling.enrollments.iter().flat_map(|e| [&e.data.student_name, &e.data.companion_name]).flatten();
    assert!(names.chain(working.staff.iter().map(|s| &s.data.name)).all(|name| !names::is_banned(name)));
}

#[test]
fn the_figures_of_schools_accounts_and_places_are_those_of_the_report() {
    let schools = &DATA.schooling.schools;
    let new = |s: &&Draft<domain::education::SeniorUniversity>| {
        s.data.kind == SchoolKind::Branch && s.data.opened_on.is_some_and(|d| d.year() == 2021)
    };
    // F28 and F29.
    assert_eq!(schools.iter().filter(new).count(), 23);
    let township = |s: &&Draft<domain::education::SeniorUniversity>| {
        place(s) == "371726"
            && s.data.level == SchoolLevel::Township
            && s.data.joint_with == Some(JointPartner::TownshipPartySchool)
    };
    assert_eq!(schools.iter().filter(new).filter(township).count(), 4);
    assert!(schools.iter().filter(township).count() > 4, "one of another year is there to be left out");
    // F27.
    let accounts = &DATA.publicity.accounts;
    let open: Vec<&str> = accounts.iter().filter(|a| a.data.open).map(|a| a.data.name.as_str()).collect();
    assert_eq!(open, ["离退休干部工作", "山东老干部", "菏泽老干部"]);
    assert!(accounts.len() > 3);
    // F41.
    assert!(DATA.schooling.facilities.iter().all(|f| f.data.open) && DATA.schooling.facilities.len() > 20);
    // F38.
    assert!(DATA.schooling.classes.iter().any(|c| c.data.mode == ClassMode::Online));
    let titles: Vec<&str> = DATA.working.documents.iter().map(|d| d.data.title.as_str()).collect();
    for title in ["关于进一步推动全市老干部工作高质量发展的意见", "关于对全市离退休干部党建工作进行评价的实施办法"]
    {
        assert!(titles.contains(&title), "{title}");
    }
}
