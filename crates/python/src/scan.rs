//! The iterator over the hits of a feed.

use std::collections::VecDeque;
use std::process;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::account::account;
use crate::errors;
use crate::feed::{Feed, read};
use crate::fence::fenced;
use crate::hit::Hit;
use crate::image::Image;
use crate::options::Options;
use crate::worker::{Ended, Event, Failed, READ_BYTES, Worker};

/// Scans a feed; see `feedsieve.scan`, whose keyword arguments these are.
#[pyfunction]
#[pyo3(signature = (image, feed, **options))]
pub(crate) fn scan(
    image: &Bound<'_, Image>,
    feed: &Bound<'_, PyAny>,
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<Scan> {
    fenced(|| {
        let py = image.py();
        let options = Options::read(image.get().inner(), options)?;
        let feed = Feed::of(feed)?;
        let name = options.name.clone().unwrap_or_else(|| feed.name(py));
        let object = match &feed {
            Feed::Object(object) => Some(object.clone_ref(py)),
            Feed::Path(_) | Feed::Bytes(_) => None,
        };
        let worker = Worker::start(options, feed, name.clone());
        let worker = worker.map_err(|error| errors::other(&errors::why(&error)))?;
        let state = State {
            worker: Some(worker),
            object,
            hits: VecDeque::new(),
            ended: Vec::new(),
            is_wanted: false,
            raised: None,
            is_over: false,
        };
        let scan = Scan { process: process::id(), name, state: Mutex::new(state) };
        // Whether the feed is there is told here and not with the first hit.
        match scan.lock()?.next_event(py)? {
            Event::Opened(Err(error)) => {
                let told = errors::feed(&scan.name, &errors::why(&error), 0);
                Err(errors::behind(py, told, &error))
            }
            Event::Over(Err(failed)) => Err(failed.into()),
            _ => Ok(()),
        }?;
        Ok(scan)
    })
}

/// The hits of a feed, in its order, while another thread scans it.
#[pyclass(frozen, module = "feedsieve")]
pub(crate) struct Scan {
    /// The process that scans; a fork of it has no thread that would.
    process: u32,
    name: String,
    state: Mutex<State>,
}

struct State {
    /// None once the scan has ended or was closed.
    worker: Option<Worker>,
    /// What the feed is read from.
    object: Option<Py<PyAny>>,
    /// Hits that came and were not asked for yet.
    hits: VecDeque<Hit>,
    ended: Vec<Ended>,
    /// Whether the scan waits for bytes of the object.
    is_wanted: bool,
    /// What reading the object raised, until the hits before it are given.
    raised: Option<PyErr>,
    /// Whether all of the scan was told, which a closed one never is.
    is_over: bool,
}

/// How long an interrupt may have to wait.
const PATIENCE: Duration = Duration::from_millis(100);

#[pymethods]
impl Scan {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Hit>> {
        fenced(|| self.lock()?.next(py))
    }

    /// Ends the scan, if it is still going on. What was not iterated over is lost.
    fn close(&self) -> PyResult<()> {
        let mut state = self.lock()?;
        state.close();
        state.hits.clear();
        Ok(())
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_args))]
    fn __exit__(&self, _args: &Bound<'_, pyo3::types::PyTuple>) -> PyResult<()> {
        self.close()
    }

    /// What became of the feed, with the keys of the command's summary, once all hits were given.
    ///
    /// Of an archive it is the sum of its members.
    #[getter]
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let accounts = self.feeds(py)?;
        let module = py.import("feedsieve._account")?;
        module.getattr("whole")?.call1((&self.name, accounts))
    }

    /// What became of each feed: one, or those in an archive.
    #[getter]
    fn feeds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let state = self.lock()?;
        if !state.is_over {
            let why = match state.worker {
                Some(_) => {
                    "the scan goes on; its account is there when all hits were iterated over"
                }
                None => "the scan was closed before its end, so there is no account of it",
            };
            return Err(errors::other(why));
        }
        let accounts = state.ended.iter().map(|ended| account(py, &ended.feed, &ended.tally));
        PyList::new(py, accounts.collect::<PyResult<Vec<_>>>()?)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let name = pyo3::types::PyString::new(py, &self.name).repr()?;
        Ok(format!("<Scan of {name}>"))
    }
}

impl Scan {
    /// Refuses two who iterate at once, and a process that has no thread that scans.
    fn lock(&self) -> PyResult<MutexGuard<'_, State>> {
        if self.process != process::id() {
            return Err(errors::other("the scan belongs to the process that began it"));
        }
        match self.state.try_lock() {
            Ok(state) => Ok(state),
            Err(TryLockError::Poisoned(state)) => Ok(state.into_inner()),
            // To wait here would keep the other one from going on.
            Err(TryLockError::WouldBlock) => {
                Err(PyValueError::new_err("the scan is being iterated over already"))
            }
        }
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.process == process::id() {
            state.close();
        } else {
            // A fork has the channel in whatever state its thread had left it; leave it alone.
            std::mem::forget(state.worker.take());
        }
    }
}

impl State {
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<Hit>> {
        loop {
            if let Some(hit) = self.hits.pop_front() {
                return Ok(Some(hit));
            }
            if self.worker.is_none() {
                return Ok(None);
            }
            if self.is_wanted {
                self.feed(py)?;
            }
            match self.next_event(py)? {
                Event::Opened(_) => {}
                Event::Hits(hits) => self.hits = hits.into(),
                Event::Wanted => self.is_wanted = true,
                Event::Ended(ended) => self.ended.push(*ended),
                Event::Over(outcome) => {
                    self.worker = None;
                    self.object = None;
                    outcome?;
                    self.is_over = true;
                    self.raised.take().map_or(Ok(()), Err)?;
                    self.check()?;
                }
            }
        }
    }

    /// Waits for what the scan tells next; an interrupt ends the waiting and not the scan.
    fn next_event(&mut self, py: Python<'_>) -> PyResult<Event> {
        loop {
            // Moved to and fro, for a receiver may be used by one thread at a time only.
            let worker = self.worker.take().expect("it is asked for while there is one");
            let (worker, event) = py.detach(move || {
                let event = worker.events.recv_timeout(PATIENCE);
                (worker, event)
            });
            self.worker = Some(worker);
            match event {
                Ok(event) => return Ok(event),
                Err(RecvTimeoutError::Timeout) => py.check_signals()?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Ok(Event::Over(Err(Failed::Other("the scan was lost".to_owned()))));
                }
            }
        }
    }

    /// Reads what the scan needs.
    ///
    /// An exception is the end of the feed, and is raised behind the hits of what came before. What
    /// is no `Exception`, such as an interrupt, says nothing of the feed: it is raised at once, and
    /// whoever goes on iterating reads again.
    fn feed(&mut self, py: Python<'_>) -> PyResult<()> {
        let object = self.object.as_ref().expect("only a scan of an object asks").clone_ref(py);
        let sent = match read(object.bind(py), READ_BYTES) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.is_instance_of::<PyException>(py) => {
                let class = error.get_type(py).name().map(|name| name.to_string());
                self.raised = Some(error);
                Err(format!("reading it raised {}", class.as_deref().unwrap_or("an exception")))
            }
            Err(error) => return Err(error),
        };
        self.is_wanted = false;
        if let Some(worker) = &self.worker {
            // One who does not take it says so with the next event.
            let _ = worker.bytes.send(sent);
        }
        Ok(())
    }

    fn close(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.stop();
        }
        self.object = None;
        self.is_wanted = false;
        self.raised = None;
    }

    /// Raises what is to be said of feeds that were not read to their ends.
    fn check(&self) -> PyResult<()> {
        let mut bad = self
            .ended
            .iter()
            .filter_map(|ended| Some((&ended.feed, ended.tally.incomplete_why.as_ref()?)));
        match bad.next() {
            Some((feed, why)) => Err(errors::feed(feed, why, bad.count())),
            None => Ok(()),
        }
    }
}

impl From<Failed> for PyErr {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Panicked(panicked) => panicked.into(),
            Failed::Other(why) => errors::other(&why),
        }
    }
}
