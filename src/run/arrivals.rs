//! What the backend tells while it brings agents up: who comes, and who does not. It must not know what agents say.

use crate::backend::News;
use crate::model::event::Event;
use crate::model::vantage::Vantage;
use crate::model::verdict::Cause;

use super::dispatcher::Dispatcher;
use super::problem;

impl Dispatcher<'_> {
    pub(super) fn news(&mut self, news: News) {
        match news {
            News::Created(_) => self.phases.created(),
            News::Started(_) => self.phases.running(),
            News::Ready(session) => self.expect(session),
            News::Failed { vantage, why, help } => self.give_up(&vantage, why, help),
            News::SetUpFailed(error) => {
                let cause = Cause::SetUp { why: error.message.clone() };
                self.narrator.tell(Event::Problem(problem(error)));
                self.end_early(cause);
            }
        }
    }

    pub(super) fn give_up(&mut self, vantage: &Vantage, why: String, help: Vec<String>) {
        self.phases.running();
        self.phases.attached();
        self.narrator.tell(Event::VantageLost { vantage: vantage.clone(), why: why.clone() });
        self.turns.forget(vantage);
        self.recount.lost(vantage);
        self.roster.give_up(vantage, why, help);
    }

    /// The backend has told all it will: an agent it has not told of will not come.
    pub(super) fn launched(&mut self) {
        for vantage in self.roster.coming() {
            self.give_up(&vantage, "the backend said nothing of it".to_owned(), Vec::new());
        }
    }
}
