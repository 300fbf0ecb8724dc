//! What single resources and the endpoints beside them promise, in tests that name them.

mod answers;
mod authz;
mod dates;
mod hostile;
mod limits;
pub mod make;
mod masking;
mod parts;
mod places;
mod roles;
mod search;
mod system;
mod tokens;
mod unique;
mod users;

use crate::support::Case;

pub fn tests() -> Vec<Case> {
    [
        answers::tests(),
        authz::tests(),
        dates::tests(),
        hostile::tests(),
        limits::tests(),
        masking::tests(),
        parts::tests(),
        places::tests(),
        roles::tests(),
        search::tests(),
        system::tests(),
        tokens::tests(),
        unique::tests(),
        users::tests(),
    ]
    .concat()
}
