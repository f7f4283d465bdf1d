//! θ along the walk.
//!
//! A point stays where it was written. When the path is thinned nothing moves, for to move half of
//! some megabytes takes as long as thousands of steps: the points to come are written over those
//! that go, and a list says where the points are.

use super::{Record, growth, push_within};
use crate::error::OutOfMemory;
use crate::kernel::prefetch_buffer;
use crate::objective::Kept;
use crate::real::Real;
use crate::saved::MOST;

/// Bytes that a point takes beside its numbers.
pub(super) const BESIDES: usize = size_of::<Mark>() + size_of::<u32>();

/// When a point of the path was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Updates made by then; 0 is the start.
    pub(super) update: u64,
    /// Epochs completed by this very update, or 0 inside an epoch.
    pub(super) epoch: u64,
}

/// θ at the start, after updates that are multiples of `stride`, and at ends of epochs.
#[derive(Clone, Debug, Default)]
pub struct Path<T> {
    /// The points, and places for further ones, `n_params` numbers each.
    pub(super) buffer: Vec<T>,
    /// One for each point, in order.
    pub(super) marks: Vec<Mark>,
    /// All places of the buffer: of the points, in order, and then of those that are free.
    pub(super) places: Vec<u32>,
    pub(super) n_params: usize,
    /// Updates that are multiples of this are kept.
    pub(super) stride: u64,
    /// Ends of epochs that are multiples of this are kept too.
    pub(super) epoch_stride: u64,
    pub(super) cap: usize,
    pub(super) every_update: bool,
    /// Whether the last point is provisional: there only because the walk stopped on it.
    pub(super) last_is_provisional: bool,
}

impl<T: Real> Path<T> {
    pub(super) fn new(n_params: usize, cap: usize, record: Record) -> Self {
        Path {
            buffer: Vec::new(),
            marks: Vec::new(),
            places: Vec::new(),
            n_params,
            stride: if let Record::Every(stride) = record { stride } else { 1 },
            epoch_stride: if let Record::Every(_) = record { MOST } else { 1 },
            // The first and the last point are kept whatever they cost.
            cap: if record == Record::Nothing { 0 } else { cap.max(2) },
            every_update: !matches!(record, Record::Epoch | Record::Nothing),
            last_is_provisional: false,
        }
    }

    /// Whether θ after `update` updates inside an epoch would be kept.
    #[inline(always)]
    pub fn wants(&self, update: u64) -> bool {
        self.every_update && self.cap > 0 && update.is_multiple_of(self.stride)
    }

    /// Takes in θ after `update` updates, `epoch` being the epochs completed by that very update
    /// (0 inside an epoch).
    pub fn push(&mut self, update: u64, epoch: u64, params: &[T]) -> Result<(), OutOfMemory> {
        if self.cap == 0 {
            return Ok(());
        }
        let mark = Mark { update, epoch };
        if let Some(last) = self.marks.last_mut().filter(|last| last.update == update) {
            last.epoch = last.epoch.max(epoch);
            self.last_is_provisional &= !self.keeps(mark);
            return Ok(());
        }
        if std::mem::take(&mut self.last_is_provisional) {
            self.marks.pop();
        }
        if !self.keeps(mark) {
            return Ok(());
        }
        // One place stays free for the provisional point, that on which the walk stops.
        if self.marks.len() + 1 >= self.cap {
            self.thin()?;
            if !self.keeps(mark) || self.marks.len() + 1 >= self.cap {
                return Ok(());
            }
        }
        self.append(mark, params)
    }

    /// Updates from `update` up to the next one that is a multiple of the stride.
    fn up_to_next(&self, update: u64) -> u64 {
        let stride = self.stride.max(1);
        stride - update % stride
    }

    /// Reserves places for the θ that are kept of `steps` updates after update `update`, inside an
    /// epoch, or of as many of these as can be kept without thinning and without a move of the record.
    /// Says how many updates they are for. [`take_in`](Self::take_in) has to follow.
    pub fn reserve(
        &mut self,
        update: u64,
        steps: usize,
    ) -> Result<(usize, Kept<'_, T>), OutOfMemory> {
        let first = usize::try_from(self.up_to_next(update)).unwrap_or(usize::MAX);
        if !self.every_update || self.cap == 0 || first > steps {
            return Ok((steps, Kept::none()));
        }
        if std::mem::take(&mut self.last_is_provisional) {
            self.marks.pop();
        }
        let every = usize::try_from(self.stride).unwrap_or(usize::MAX);
        let wanted = 1 + (steps - first) / every;
        let points = wanted.min(self.cap.saturating_sub(1 + self.marks.len()));
        if points == 0 {
            return Ok((first, Kept::none()));
        }
        let points = self.free_places(points)?;
        let steps = if points < wanted { first + (points - 1) * every } else { steps };
        let places = &self.places[self.marks.len()..];
        Ok((steps, Kept::new(&mut self.buffer, places, first, every)))
    }

    /// Takes in the θ that were written to the places reserved for them, up to that after update
    /// `update` + `done`, which is `params`.
    pub fn take_in(&mut self, update: u64, done: u64, params: &[T]) -> Result<(), OutOfMemory> {
        let last = update + done;
        if self.every_update && self.cap > 0 {
            // A stride that was doubled often reaches beyond all numbers.
            let mut next = update.saturating_add(self.up_to_next(update));
            // One place is for the provisional point.
            let capacity = self.places.len().min(self.cap - 1);
            while self.marks.len() < capacity && next <= last {
                push_within(&mut self.marks, Mark { update: next, epoch: 0 }, self.cap)?;
                next = next.saturating_add(self.stride);
            }
        }
        if done > 0 && self.wants(last) { self.push(last, 0, params) } else { Ok(()) }
    }

    /// Makes sure that θ at the stop, after `update` updates, is the last point.
    pub fn push_last(&mut self, update: u64, params: &[T]) -> Result<(), OutOfMemory> {
        if self.cap == 0 || self.marks.last().is_some_and(|last| last.update == update) {
            return Ok(());
        }
        if std::mem::replace(&mut self.last_is_provisional, true) {
            self.marks.pop();
        }
        self.append(Mark { update, epoch: 0 }, params)
    }

    pub(super) fn keeps(&self, mark: Mark) -> bool {
        mark.update == 0
            || (self.every_update && mark.update.is_multiple_of(self.stride))
            || (mark.epoch > 0 && mark.epoch.is_multiple_of(self.epoch_stride))
    }

    fn append(&mut self, mark: Mark, params: &[T]) -> Result<(), OutOfMemory> {
        self.free_places(1)?;
        let start = self.places[self.marks.len()] as usize * self.n_params;
        push_within(&mut self.marks, mark, self.cap)?;
        self.buffer[start..][..self.n_params].copy_from_slice(params);
        if let Some(&next) = self.places.get(self.marks.len()) {
            let start = next as usize * self.n_params;
            prefetch_buffer(&self.buffer[start..][..self.n_params]);
        }
        Ok(())
    }

    /// Sees to it that there are free places, one at least and `wanted` if the record need not be
    /// moved for them; returns how many of those wanted there are.
    fn free_places(&mut self, wanted: usize) -> Result<usize, OutOfMemory> {
        let free = self.places.len() - self.marks.len();
        if free >= wanted {
            return Ok(wanted);
        }
        let n_params = self.n_params.max(1);
        let has_capacity = self.buffer.capacity() - self.buffer.len() >= n_params
            && self.places.capacity() > self.places.len();
        if free == 0 && !has_capacity {
            let points = growth(self.places.len(), self.cap);
            let numbers = points.checked_mul(n_params).ok_or(OutOfMemory)?;
            self.buffer.try_reserve_exact(numbers).map_err(|_| OutOfMemory)?;
            self.places.try_reserve_exact(points).map_err(|_| OutOfMemory)?;
        }
        let capacity = (self.buffer.capacity() - self.buffer.len()) / n_params;
        let capacity = capacity.min(self.places.capacity() - self.places.len());
        let end = self.places.len() + capacity.min(wanted - free);
        let end_place = u32::try_from(end).map_err(|_| OutOfMemory)?;
        self.places.extend(self.places.len() as u32..end_place);
        self.buffer.resize(end * self.n_params, T::zero());
        Ok(end - self.marks.len())
    }

    pub(super) fn forget_after(&mut self, number: u64) {
        while self.marks.last().is_some_and(|last| last.update > number) {
            self.marks.pop();
        }
    }

    /// Doubles the strides, at least once, until at most half of the cap is taken.
    fn thin(&mut self) -> Result<(), OutOfMemory> {
        let mut freed = Vec::new();
        freed.try_reserve_exact(self.marks.len()).map_err(|_| OutOfMemory)?;
        loop {
            self.stride = self.stride.saturating_mul(2);
            let ends = self.marks.iter().filter(|mark| mark.epoch > 0);
            if ends.filter(|mark| mark.epoch.is_multiple_of(self.epoch_stride)).count()
                > self.cap / 4
            {
                self.epoch_stride *= 2;
            }
            let mut kept = 0;
            freed.clear();
            for point in 0..self.marks.len() {
                if self.keeps(self.marks[point]) {
                    self.marks[kept] = self.marks[point];
                    self.places[kept] = self.places[point];
                    kept += 1;
                } else {
                    freed.push(self.places[point]);
                }
            }
            self.places[kept..][..freed.len()].copy_from_slice(&freed);
            self.marks.truncate(kept);
            if kept <= (self.cap / 2).max(1) {
                return Ok(());
            }
        }
    }

    /// Bytes held.
    pub(super) fn n_bytes(&self) -> usize {
        self.buffer.capacity() * size_of::<T>()
            + self.marks.capacity() * size_of::<Mark>()
            + self.places.capacity() * size_of::<u32>()
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Length of θ.
    pub fn n_params(&self) -> usize {
        self.n_params
    }

    /// Point `number`, counted from 0.
    #[inline]
    pub fn point(&self, number: usize) -> &[T] {
        let place = self.places[..self.marks.len()][number] as usize;
        &self.buffer[place * self.n_params..][..self.n_params]
    }

    /// A copy of all points, one after the other, `n_params` numbers each.
    pub fn points(&self) -> Result<Vec<T>, OutOfMemory> {
        let mut points = Vec::new();
        points.try_reserve_exact(self.len() * self.n_params).map_err(|_| OutOfMemory)?;
        (0..self.len()).for_each(|number| points.extend_from_slice(self.point(number)));
        Ok(points)
    }

    /// The point after `update` updates, if there is one from point `from` on.
    pub fn find(&self, update: u64, from: usize) -> Option<usize> {
        let rest = self.marks.get(from..)?;
        // Points are at least an update apart, and exactly that where all are on record.
        let farthest = update.checked_sub(rest.first()?.update)? as usize;
        let rest = &rest[..rest.len().min(farthest.saturating_add(1))];
        let last = rest.len() - 1;
        if rest[last].update == update {
            return Some(from + last);
        }
        rest.binary_search_by_key(&update, |mark| mark.update).ok().map(|place| from + place)
    }

    /// How many updates had been made at each point.
    pub fn updates(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.marks.iter().map(|mark| mark.update)
    }
}
