//! What is left in the reports of a run that was refused before it began: why, in the place of what an earlier run may have left
//! there. A pipeline that reads nothing but reports must not find yesterday's. It must not know what a report looks like.

use crate::model::event::Problem;
use crate::model::exit::Exit;
use crate::model::run::{Header, Refused, Run};
use crate::report::FileReport;

use super::{Refusal, say};

/// Writes all of them; what cannot be written is told, and changes nothing: the run is refused anyway.
pub(super) fn report(refusal: &Refusal, header: Header, files: &[FileReport]) {
    let refused = Refused { exit: refusal.exit, told: refusal.told.clone() };
    let run = Run::refused(header, refused, problem(refusal));
    for error in files.iter().filter_map(|file| file.write(&run).err()) {
        say(&format!("error: {error}"));
    }
}

fn problem(refusal: &Refusal) -> Problem {
    Problem { code: code(refusal.exit), message: refusal.message.clone(), details: refusal.details.clone(), help: refusal.help.clone() }
}

const fn code(exit: Exit) -> &'static str {
    match exit {
        Exit::Usage => "usage",
        Exit::NothingRan => "nothing-selected",
        Exit::Signalled(_) => "interrupted",
        Exit::Passed | Exit::Failed | Exit::NotMeasured => "setup",
    }
}
