//! Borrowed memory of NumPy arrays: where it is, how its numbers lie, and what keeps it there.
//!
//! What is borrowed is a view of our own. Another thread may give the caller's array another dtype or
//! shape meanwhile; that changes its header, not ours, and the memory stays as it is. A weak
//! reference to the array, and to whatever it is a view of, makes `resize` refuse, which
//! would free the memory. Writing to the array is not prevented: it gives other numbers, and as no
//! index and no length is ever read from the array, nothing else.

use std::marker::PhantomData;

use numpy::{
    Element as NumpyElement, PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn,
    PyUntypedArray, PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyWeakrefReference;

use super::objects::{Objects, Reader};
use crate::number::Element;
use crate::real::Real;
use crate::rows::{Column, Dense, Layout, Rows, Strided};

/// The memory under an array of at most two dimensions and at least one number.
pub struct Memory<'py> {
    _view: Bound<'py, PyUntypedArray>,
    _holds: Vec<Bound<'py, PyWeakrefReference>>,
    _borrow: Option<Box<dyn Borrow + 'py>>,
    /// The lowest byte, and the number of bytes up to the highest.
    bytes: (*const u8, usize),
    layout: Layout,
}

/// A borrow that other extensions know of, as long as it lives.
trait Borrow {}
impl<T: NumpyElement> Borrow for PyReadonlyArrayDyn<'_, T> {}

impl<'py> Memory<'py> {
    /// The memory of `array`, which is the argument `argument`. A column is a matrix of one column.
    pub fn of(argument: &str, array: &Bound<'py, PyUntypedArray>) -> PyResult<Self> {
        let py = array.py();
        let view = array.call_method0(intern!(py, "view"))?.cast_into::<PyUntypedArray>()?;
        let element = element_of(argument, &view)?;
        let (shape, strides) = match (view.shape(), view.strides()) {
            (&[n], &[stride]) => ([n, 1], [stride, 0]),
            (&[n, d], &[down, across]) => ([n, d], [down, across]),
            _ => return Err(changed(argument)),
        };
        let swapped = view.dtype().is_native_byteorder() == Some(false);
        let outside = || PyValueError::new_err(format!("{argument} reaches beyond its memory"));
        let reach = |axis: usize| {
            let count = shape[axis].checked_sub(1)? as isize;
            strides[axis].checked_mul(count)
        };
        let (down, across) = (reach(0).ok_or_else(outside)?, reach(1).ok_or_else(outside)?);
        let lowest = down.min(0).checked_add(across.min(0)).ok_or_else(outside)?;
        let highest = down.max(0).checked_add(across.max(0)).ok_or_else(outside)?;
        let span = highest.checked_sub(lowest).ok_or_else(outside)? as usize;
        let (data, borrow) = match borrow(argument, &view, element)? {
            Some((data, borrow)) => (data, Some(borrow)),
            None => (data_of(&view)?, None),
        };
        let start = data.wrapping_offset(lowest);
        let first = lowest.unsigned_abs();
        let bytes = (start, span + element.size());
        let layout = Layout { first, shape, strides, element, swapped };
        Ok(Memory { _holds: held(array)?, _borrow: borrow, _view: view, bytes, layout })
    }

    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        self.layout.shape
    }

    /// The numbers, if they are of type T, whole and aligned: the lowest comes first.
    fn values<T: Real>(&self) -> Option<&[T]> {
        let Layout { strides, element, swapped, shape, .. } = self.layout;
        let (start, length) = self.bytes;
        let size = size_of::<T>();
        let is_whole =
            |axis: usize| shape[axis] == 1 || strides[axis].unsigned_abs().is_multiple_of(size);
        if swapped || element != T::ELEMENT || !is_whole(0) || !is_whole(1) {
            return None;
        }
        if !start.addr().is_multiple_of(align_of::<T>()) {
            return None;
        }
        // SAFETY: `start` is aligned, and from there on `length` bytes, a whole number of T, belong
        // to the array that `_view` keeps alive: its lowest and its highest number are at the two
        // ends, and arrays do not span two allocations. Any bits are a T. Python code of another
        // thread may write there, as into any array that is read without the interpreter's lock;
        // that changes numbers, on which nothing but other numbers depends.
        Some(unsafe { std::slice::from_raw_parts(start.cast(), length / size) })
    }

    fn strided(&self) -> Option<Strided<'_>> {
        let (start, length) = self.bytes;
        // SAFETY: as in `values`; bytes have no alignment, and any bits are one.
        let bytes = unsafe { std::slice::from_raw_parts(start, length) };
        Strided::new(bytes, self.layout)
    }
}

/// A matrix of numbers that are worked on as T.
pub struct Matrix<'py, T> {
    entries: Entries<'py>,
    number: PhantomData<T>,
}

/// What a matrix is made of.
enum Entries<'py> {
    Numbers(Memory<'py>),
    Objects(Objects<'py>),
}

impl<'py, T: Real> Matrix<'py, T> {
    /// The array of two dimensions as such a matrix.
    pub fn new(argument: &str, array: &Bound<'py, PyUntypedArray>) -> PyResult<Self> {
        let entries = if array.dtype().kind() == b'O' {
            Entries::Objects(Objects::new(argument, array, held(array)?)?)
        } else {
            Entries::Numbers(Memory::of(argument, array)?)
        };
        Ok(Matrix { entries, number: PhantomData })
    }

    fn shape(&self) -> [usize; 2] {
        match &self.entries {
            Entries::Numbers(memory) => memory.shape(),
            Entries::Objects(objects) => objects.shape(),
        }
    }

    /// Number of rows, n.
    pub fn n_rows(&self) -> usize {
        self.shape()[0]
    }

    /// Number of columns, d.
    pub fn n_cols(&self) -> usize {
        self.shape()[1]
    }

    /// What reads the rows with the help of the interpreter, if they are objects.
    pub fn reader(&self) -> Option<&Reader> {
        match &self.entries {
            Entries::Numbers(_) => None,
            Entries::Objects(objects) => Some(objects.reader()),
        }
    }

    /// `result` of work over the rows, unless they could not be read.
    pub fn unless_unread<R>(&self, result: PyResult<R>) -> PyResult<R> {
        self.reader().map_or(Ok(()), Reader::check).and(result)
    }

    /// The rows.
    pub fn rows(&self) -> Rows<'_, T> {
        self.rows_as()
    }

    /// The rows, to be worked on as U: in place if a row's numbers lie side by side and are of type U.
    pub fn rows_as<U: Real>(&self) -> Rows<'_, U> {
        let memory = match &self.entries {
            Entries::Numbers(memory) => memory,
            Entries::Objects(objects) => {
                return Rows::Strided(Strided::of_source(objects.reader(), objects.shape()));
            }
        };
        let Layout { first, shape: [n_rows, n_cols], strides, .. } = memory.layout;
        let size = size_of::<U>();
        let is_contiguous = n_cols == 1 || strides[1] == size as isize;
        if let Some(values) = memory.values::<U>().filter(|_| is_contiguous)
            && let Some(rows) =
                Dense::strided(values, first / size, strides[0] / size as isize, n_rows, n_cols)
        {
            return Rows::Dense(rows);
        }
        match memory.strided() {
            Some(rows) => Rows::Strided(rows),
            None => unreachable!("the span of a matrix holds its numbers"),
        }
    }
}

/// A column of numbers that are worked on as T.
pub struct Numbers<'py, T> {
    memory: Memory<'py>,
    number: PhantomData<T>,
}

impl<'py, T: Real> Numbers<'py, T> {
    /// The first column of the memory.
    pub fn new(memory: Memory<'py>) -> Self {
        Numbers { memory, number: PhantomData }
    }

    /// The numbers: in place if they lie side by side.
    pub fn column(&self) -> Column<'_, T> {
        let Layout { shape: [n_rows, _], strides, .. } = self.memory.layout;
        let is_contiguous = n_rows == 1 || strides[0] == size_of::<T>() as isize;
        if let Some(values) = self.memory.values::<T>().filter(|_| is_contiguous) {
            return Column::Slice(&values[..n_rows]);
        }
        match self.memory.strided() {
            Some(column) => Column::Strided(column),
            None => unreachable!("the span of a column holds its numbers"),
        }
    }
}

/// Rows of which each says one class, by a 1 among zeros.
pub struct OneHot<'py>(Memory<'py>);

impl<'py> OneHot<'py> {
    /// The memory as such rows.
    pub fn new(memory: Memory<'py>) -> Self {
        OneHot(memory)
    }

    /// The entries themselves.
    pub fn entries(&self) -> Strided<'_> {
        match self.0.strided() {
            Some(entries) => entries,
            None => unreachable!("the span of a matrix holds its numbers"),
        }
    }

    /// The classes.
    pub fn column<T: Real>(&self) -> Column<'_, T> {
        Column::OneHot(self.entries())
    }
}

fn changed(argument: &str) -> PyErr {
    PyValueError::new_err(format!("{argument} changed its shape or dtype during the call"))
}

/// Refuses long doubles, whose digits nothing here could keep.
pub fn refuse_long_double(argument: &str, array: &Bound<'_, PyUntypedArray>) -> PyResult<()> {
    let dtype = array.dtype();
    if dtype.kind() == b'f' && dtype.itemsize() > size_of::<f64>() {
        return Err(PyTypeError::new_err(format!(
            "{argument} must hold real numbers of at most 64 bits; got dtype {dtype}. Convert \
             them with {argument}.astype(float)"
        )));
    }
    Ok(())
}

/// The type of the numbers.
fn element_of(argument: &str, array: &Bound<'_, PyUntypedArray>) -> PyResult<Element> {
    let dtype = array.dtype();
    Ok(match (dtype.kind(), dtype.itemsize()) {
        (b'b', 1) => Element::Bool,
        (b'i', 1) => Element::I8,
        (b'i', 2) => Element::I16,
        (b'i', 4) => Element::I32,
        (b'i', 8) => Element::I64,
        (b'u', 1) => Element::U8,
        (b'u', 2) => Element::U16,
        (b'u', 4) => Element::U32,
        (b'u', 8) => Element::U64,
        (b'f', 2) => Element::F16,
        (b'f', 4) => Element::F32,
        (b'f', 8) => Element::F64,
        _ => {
            refuse_long_double(argument, array)?;
            return Err(changed(argument));
        }
    })
}

/// Weak references to `array` and to all arrays that it is a view of.
fn held<'py>(array: &Bound<'py, PyUntypedArray>) -> PyResult<Vec<Bound<'py, PyWeakrefReference>>> {
    let mut holds = Vec::new();
    let mut next = Some(array.clone().into_any());
    while let Some(array) = next.take() {
        if array.cast::<PyUntypedArray>().is_err() {
            break;
        }
        holds.push(PyWeakrefReference::new(&array)?);
        next = Some(array.getattr(intern!(array.py(), "base"))?).filter(|base| !base.is_none());
    }
    Ok(holds)
}

/// Where number (0, 0) is, and a borrow that other extensions know of.
type Borrowed<'py> = (*const u8, Box<dyn Borrow + 'py>);

/// Tells other extensions that the numbers are being read, if they are of a type that these know.
fn borrow<'py>(
    argument: &str,
    view: &Bound<'py, PyUntypedArray>,
    element: Element,
) -> PyResult<Option<Borrowed<'py>>> {
    fn of<'py, T: NumpyElement + 'py>(
        argument: &str,
        view: &Bound<'py, PyUntypedArray>,
    ) -> PyResult<Option<Borrowed<'py>>> {
        let Ok(array) = view.cast::<PyArrayDyn<T>>() else { return Ok(None) };
        match array.try_readonly() {
            Ok(borrow) => Ok(Some((array.data().cast(), Box::new(borrow)))),
            Err(_) => Err(PyValueError::new_err(format!(
                "{argument} is being written to by another call"
            ))),
        }
    }
    match element {
        Element::Bool => of::<bool>(argument, view),
        Element::I8 => of::<i8>(argument, view),
        Element::I16 => of::<i16>(argument, view),
        Element::I32 => of::<i32>(argument, view),
        Element::I64 => of::<i64>(argument, view),
        Element::U8 => of::<u8>(argument, view),
        Element::U16 => of::<u16>(argument, view),
        Element::U32 => of::<u32>(argument, view),
        Element::U64 => of::<u64>(argument, view),
        Element::F16 => Ok(None),
        Element::F32 => of::<f32>(argument, view),
        Element::F64 => of::<f64>(argument, view),
    }
}

/// Where number (0, 0) is, of whatever type.
fn data_of(view: &Bound<'_, PyUntypedArray>) -> PyResult<*const u8> {
    let interface = view.getattr(intern!(view.py(), "__array_interface__"))?;
    let data: (usize, bool) = interface.get_item("data")?.extract()?;
    Ok(std::ptr::with_exposed_provenance(data.0))
}
