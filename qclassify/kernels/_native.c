/* Segments and scores texts with a compiled model. The arrays are described in layout.py; the algorithm
 * is that of batch.py and segmenting.py, one text after the other.
 *
 * The constructor checks every number that is later used as an index, so that no content of the arrays
 * can make a walk leave them. score() and cut() work without the GIL and share nothing but the arrays.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LABEL(node) ((uint32_t)((node) & 0xFFFF))
#define BASE(node) ((size_t)((node) >> 16 & 0xFFFFFF))
#define VALUE(node) ((size_t)((node) >> 40))
#define ID(entry) ((entry) & 0xFFFF)
#define SEGMENTED (1u << 16)
#define WORD (1u << 17)
#define LATIN (1u << 18)
#define N_PAGES 0x1100
#define MAX_FIELDS 32
#define COMMON_STRIDE 16 /* 7 categories: 14 outputs and the idf number */

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)0)
#endif

enum { PAGES, CHARACTERS, DICTIONARY, FREQUENCIES, TERMS, ROWS, IDF, SCALES, N_ARRAYS };
static const Py_ssize_t ITEM_SIZE[N_ARRAYS] = {2, 4, 8, 8, 8, 2, 8, 8};
static const char *const ARRAY_NAME[N_ARRAYS] = {
    "pages", "characters", "dictionary", "frequencies", "terms", "rows", "idf", "scales"};

typedef struct {
    PyObject_HEAD
    Py_buffer views[N_ARRAYS];
    int n_views;
    size_t count[N_ARRAYS];
    const uint16_t *pages;
    const uint32_t *characters;
    const uint64_t *dictionary;
    const double *frequencies;
    const uint64_t *terms;
    const int16_t *rows;
    const double *idf;
    const double *scales;
    size_t n_rows, n_outputs, stride;
} Walker;

typedef struct {
    size_t root;
    int words;
    double weight, norm_power;
} Field;

typedef struct {
    size_t start, end;
} Span;

/* Memory of one call; the arrays with one element a character fit the longest text. */
typedef struct {
    uint32_t *entries;
    double *route;    /* log probability of the best path from here to the end of the run */
    uint32_t *length; /* of the first word on that path */
    Span *words;
    uint32_t *counts; /* one a row, all 0 between fields */
    uint32_t *found;  /* the rows with a count */
    size_t n_found;
    double *sums; /* one a number of a row */
} Scratch;

/* ---- segmentation --------------------------------------------------------------------------------- */

static void best_path(const Walker *w, Scratch *s, size_t begin, size_t end)
{
    const size_t root = BASE(w->dictionary[0]);
    s->route[end] = 0.0;
    for (size_t at = end; at-- > begin;) {
        double best = -INFINITY;
        uint32_t length = 0;
        size_t base = root;
        for (size_t last = at; last < end; last++) {
            const uint32_t id = ID(s->entries[last]);
            const uint64_t node = w->dictionary[base + id];
            if (id == 0 || LABEL(node) != id)
                break;
            if (VALUE(node) != 0) {
                const double score = w->frequencies[VALUE(node)] + s->route[last + 1];
                if (score >= best) { /* of equals the longest */
                    best = score;
                    length = (uint32_t)(last + 1 - at);
                }
            }
            base = BASE(node);
            if (base == 0)
                break;
        }
        if (length == 0) {
            best = w->frequencies[0] + s->route[at + 1];
            length = 1;
        }
        s->route[at] = best;
        s->length[at] = length;
    }
}

/* Write the words of a text of n characters to s->words; return how many there are. */
static size_t segment(const Walker *w, Scratch *s, size_t n)
{
    size_t n_words = 0;
    for (size_t at = 0; at < n;) {
        size_t end = at;
        while (end < n && s->entries[end] & SEGMENTED)
            end++;
        if (end == at) {
            s->words[n_words++] = (Span){at, at + 1};
            at++;
            continue;
        }
        best_path(w, s, at, end);
        while (at < end) {
            const size_t start = at;
            at += s->length[at];
            if (at - start == 1 && s->entries[start] & LATIN)
                while (at < end && s->length[at] == 1 && s->entries[at] & LATIN)
                    at++;
            s->words[n_words++] = (Span){start, at};
        }
    }
    return n_words;
}

/* ---- terms ---------------------------------------------------------------------------------------- */

static inline void count_term(const Walker *w, Scratch *s, size_t value)
{
    if (value == 0)
        return;
    if (s->counts[value - 1]++ == 0) {
        s->found[s->n_found++] = (uint32_t)(value - 1);
        PREFETCH(w->rows + (value - 1) * w->stride);
    }
}

static void count_characters(const Walker *w, Scratch *s, size_t root, size_t n)
{
    const size_t first = BASE(w->terms[root]);
    for (size_t at = 0; at < n; at++) {
        size_t base = first;
        for (size_t last = at; last < n && base != 0; last++) {
            const uint32_t id = ID(s->entries[last]);
            const uint64_t node = w->terms[base + id];
            if (id == 0 || LABEL(node) != id)
                break;
            count_term(w, s, VALUE(node));
            base = BASE(node);
        }
    }
}

/* Keep the words that are more than punctuation; return how many. */
static size_t drop_punctuation(Scratch *s, size_t n_words)
{
    size_t kept = 0;
    for (size_t i = 0; i < n_words; i++) {
        uint32_t flags = 0;
        for (size_t at = s->words[i].start; at < s->words[i].end; at++)
            flags |= s->entries[at];
        if (flags & WORD)
            s->words[kept++] = s->words[i];
    }
    return kept;
}

static void count_words(const Walker *w, Scratch *s, size_t root, size_t n_words, uint32_t space)
{
    const size_t first = BASE(w->terms[root]);
    for (size_t i = 0; i < n_words; i++) {
        size_t base = first;
        for (size_t last = i; last < n_words; last++) {
            uint64_t node = 0;
            for (size_t at = s->words[last].start; at < s->words[last].end; at++) {
                const uint32_t id = ID(s->entries[at]);
                node = base == 0 ? 0 : w->terms[base + id];
                if (id == 0 || LABEL(node) != id)
                    goto next_start;
                base = BASE(node);
            }
            count_term(w, s, VALUE(node));
            if (base == 0 || space == 0)
                break;
            node = w->terms[base + space];
            if (LABEL(node) != space)
                break;
            base = BASE(node);
        }
    next_start:;
    }
}

/* ---- scores --------------------------------------------------------------------------------------- */

static inline void add_row(double *restrict sums, const int16_t *restrict row, double value, size_t stride)
{
    for (size_t k = 0; k < stride; k++)
        sums[k] += value * row[k];
}

/* Add the field's share to out: TF-IDF with sublinear counts, normalised, times weights. */
static void add_found(const Walker *w, Scratch *s, const Field *field, double *out)
{
    double square = 0.0;
    for (size_t k = 0; k < w->stride; k++)
        s->sums[k] = 0.0;
    for (size_t i = 0; i < s->n_found; i++) {
        const int16_t *row = w->rows + s->found[i] * w->stride;
        const uint32_t count = s->counts[s->found[i]];
        double value = w->idf[(uint16_t)row[w->n_outputs]];
        if (count > 1)
            value *= 1.0 + log(count);
        s->counts[s->found[i]] = 0;
        square += value * value;
        if (w->stride == COMMON_STRIDE)
            add_row(s->sums, row, value, COMMON_STRIDE);
        else
            add_row(s->sums, row, value, w->stride);
    }
    s->n_found = 0;
    if (square > 0.0) {
        const double factor = field->weight / pow(sqrt(square), field->norm_power);
        for (size_t k = 0; k < w->n_outputs; k++)
            out[k] += s->sums[k] * w->scales[k] * factor;
    }
}

static uint32_t entry_of(const Walker *w, uint32_t point)
{
    return w->characters[(size_t)w->pages[point >> 8] * 256 + (point & 0xFF)];
}

static void read_entries(const Walker *w, Scratch *s, const uint32_t *points, size_t n)
{
    for (size_t i = 0; i < n; i++)
        s->entries[i] = points[i] < 0x110000 ? entry_of(w, points[i]) : 0;
}

static void score_text(const Walker *w, Scratch *s, size_t n, const Field *fields, size_t n_fields, double *out)
{
    const uint32_t space = ID(entry_of(w, ' '));
    size_t n_words = 0;
    int segmented = 0;
    for (size_t f = 0; f < n_fields; f++) {
        if (fields[f].words && !segmented) {
            n_words = drop_punctuation(s, segment(w, s, n));
            segmented = 1;
        }
        if (fields[f].words)
            count_words(w, s, fields[f].root, n_words, space);
        else
            count_characters(w, s, fields[f].root, n);
        add_found(w, s, &fields[f], out);
    }
}

/* ---- calls from Python ---------------------------------------------------------------------------- */

static void free_scratch(Scratch *s)
{
    free(s->entries);
    free(s->route);
    free(s->length);
    free(s->words);
    free(s->counts);
    free(s->found);
    free(s->sums);
}

static int new_scratch(const Walker *w, Scratch *s, size_t longest)
{
    memset(s, 0, sizeof *s);
    s->entries = malloc((longest + 1) * sizeof *s->entries);
    s->route = malloc((longest + 1) * sizeof *s->route);
    s->length = malloc((longest + 1) * sizeof *s->length);
    s->words = malloc((longest + 1) * sizeof *s->words);
    s->counts = calloc(w->n_rows, sizeof *s->counts);
    s->found = malloc(w->n_rows * sizeof *s->found);
    s->sums = malloc(w->stride * sizeof *s->sums);
    if (s->entries && s->route && s->length && s->words && s->counts && s->found && s->sums)
        return 1;
    free_scratch(s);
    return 0;
}

static int fail(const char *what, const char *why)
{
    PyErr_Format(PyExc_ValueError, "%s: %s", what, why);
    return 0;
}

static int get_array(PyObject *source, Py_buffer *view, int flags, Py_ssize_t size, const char *name)
{
    if (PyObject_GetBuffer(source, view, flags) < 0)
        return 0;
    if (view->len % size == 0 && (uintptr_t)view->buf % (uintptr_t)size == 0)
        return 1;
    PyBuffer_Release(view);
    return fail(name, "not a whole number of aligned items");
}

/* The texts lie within the points, in order and with a separator each; sets the longest length. */
static int check_texts(const Py_buffer *points, const Py_buffer *ends, size_t *longest)
{
    const int64_t *end = ends->buf;
    const int64_t n_points = points->len / 4;
    int64_t begin = 0;
    *longest = 0;
    for (Py_ssize_t i = 0; i < ends->len / 8; i++) {
        if (end[i] < begin || end[i] >= n_points || end[i] - begin > INT32_MAX)
            return fail("ends", "not in order, or outside the points");
        if ((size_t)(end[i] - begin) > *longest)
            *longest = (size_t)(end[i] - begin);
        begin = end[i] + 1;
    }
    return begin == n_points || fail("ends", "the last text does not end the points");
}

static int read_fields(const Walker *w, PyObject *given, Field *fields, size_t *n_fields)
{
    const Py_ssize_t n = PyTuple_Size(given);
    if (n < 0)
        return 0;
    if (n > MAX_FIELDS)
        return fail("fields", "too many");
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t root;
        PyObject *item = PyTuple_GetItem(given, i);
        if (item == NULL || !PyArg_ParseTuple(item, "npdd", &root, &fields[i].words, &fields[i].weight,
                                              &fields[i].norm_power))
            return 0;
        if (root < 0 || (size_t)root >= w->count[TERMS])
            return fail("fields", "a root outside the trie");
        fields[i].root = (size_t)root;
    }
    *n_fields = (size_t)n;
    return 1;
}

static PyObject *run(Walker *w, PyObject *points_, PyObject *ends_, PyObject *out_, const Field *fields,
                     size_t n_fields)
{
    Py_buffer points, ends, out;
    PyObject *result = NULL;
    Scratch s;
    size_t longest;
    const Py_ssize_t item = fields ? 8 : 1;
    if (!get_array(points_, &points, PyBUF_SIMPLE, 4, "points"))
        return NULL;
    if (!get_array(ends_, &ends, PyBUF_SIMPLE, 8, "ends"))
        goto release_points;
    if (!get_array(out_, &out, PyBUF_WRITABLE, item, "out"))
        goto release_ends;
    const Py_ssize_t n_texts = ends.len / 8;
    if (!check_texts(&points, &ends, &longest))
        goto release_out;
    if (out.len != (fields ? n_texts * (Py_ssize_t)w->n_outputs * item : points.len / 4)) {
        fail("out", "wrong size");
        goto release_out;
    }
    if (!new_scratch(w, &s, longest)) {
        PyErr_NoMemory();
        goto release_out;
    }
    Py_BEGIN_ALLOW_THREADS
    const int64_t *end = ends.buf;
    size_t begin = 0;
    for (Py_ssize_t i = 0; i < n_texts; i++) {
        const size_t n = (size_t)end[i] - begin;
        read_entries(w, &s, (const uint32_t *)points.buf + begin, n);
        if (fields) {
            score_text(w, &s, n, fields, n_fields, (double *)out.buf + (size_t)i * w->n_outputs);
        } else {
            uint8_t *starts = (uint8_t *)out.buf + begin;
            const size_t n_words = segment(w, &s, n);
            memset(starts, 0, n);
            for (size_t k = 0; k < n_words; k++)
                starts[s.words[k].start] = 1;
            starts[n] = 1;
        }
        begin += n + 1;
    }
    Py_END_ALLOW_THREADS
    free_scratch(&s);
    result = Py_None;
    Py_INCREF(result);
release_out:
    PyBuffer_Release(&out);
release_ends:
    PyBuffer_Release(&ends);
release_points:
    PyBuffer_Release(&points);
    return result;
}

static PyObject *walker_score(PyObject *self, PyObject *args)
{
    PyObject *points, *ends, *given, *out;
    Field fields[MAX_FIELDS];
    size_t n_fields;
    if (!PyArg_ParseTuple(args, "OOOO", &points, &ends, &given, &out) ||
        !read_fields((Walker *)self, given, fields, &n_fields))
        return NULL;
    return run((Walker *)self, points, ends, out, fields, n_fields);
}

static PyObject *walker_cut(PyObject *self, PyObject *args)
{
    PyObject *points, *ends, *out;
    if (!PyArg_ParseTuple(args, "OOO", &points, &ends, &out))
        return NULL;
    return run((Walker *)self, points, ends, out, NULL, 0);
}

/* ---- construction --------------------------------------------------------------------------------- */

static int check_trie(const uint64_t *nodes, size_t n, size_t max_id, size_t max_value, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (BASE(nodes[i]) + max_id >= n)
            return fail(name, "a node leads past the end");
        if (VALUE(nodes[i]) > max_value)
            return fail(name, "a value is too large");
    }
    return 1;
}

static int check_arrays(Walker *w)
{
    const size_t *count = w->count;
    for (int i = 0; i < N_ARRAYS; i++)
        if (count[i] == 0)
            return fail(ARRAY_NAME[i], "empty");
    w->n_outputs = count[SCALES];
    w->stride = (w->n_outputs + 1 + 7) / 8 * 8;
    w->n_rows = count[ROWS] / w->stride;
    if (count[PAGES] != N_PAGES || count[CHARACTERS] % 256)
        return fail("pages", "wrong size");
    if (w->n_rows == 0 || w->n_rows * w->stride != count[ROWS])
        return fail("rows", "wrong size");
    for (size_t i = 0; i < N_PAGES; i++)
        if (w->pages[i] >= count[CHARACTERS] / 256)
            return fail("pages", "a page that does not exist");
    size_t max_id = 0;
    for (size_t i = 0; i < count[CHARACTERS]; i++)
        if (ID(w->characters[i]) > max_id)
            max_id = ID(w->characters[i]);
    for (size_t i = 0; i < w->n_rows; i++)
        if ((uint16_t)w->rows[i * w->stride + w->n_outputs] >= count[IDF])
            return fail("rows", "an idf that does not exist");
    return check_trie(w->dictionary, count[DICTIONARY], max_id, count[FREQUENCIES] - 1, "dictionary") &&
           check_trie(w->terms, count[TERMS], max_id, w->n_rows, "terms");
}

static int walker_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    Walker *w = (Walker *)self;
    PyObject *source[N_ARRAYS];
    if (kwargs != NULL || w->n_views != 0) {
        PyErr_SetString(PyExc_TypeError, "Walker takes its arrays by position, once");
        return -1;
    }
    if (!PyArg_ParseTuple(args, "OOOOOOOO", source, source + 1, source + 2, source + 3, source + 4, source + 5,
                          source + 6, source + 7))
        return -1;
    for (int i = 0; i < N_ARRAYS; i++) {
        if (!get_array(source[i], &w->views[i], PyBUF_SIMPLE, ITEM_SIZE[i], ARRAY_NAME[i]))
            return -1;
        w->n_views = i + 1;
        w->count[i] = (size_t)(w->views[i].len / ITEM_SIZE[i]);
    }
    w->pages = w->views[PAGES].buf;
    w->characters = w->views[CHARACTERS].buf;
    w->dictionary = w->views[DICTIONARY].buf;
    w->frequencies = w->views[FREQUENCIES].buf;
    w->terms = w->views[TERMS].buf;
    w->rows = w->views[ROWS].buf;
    w->idf = w->views[IDF].buf;
    w->scales = w->views[SCALES].buf;
    return check_arrays(w) ? 0 : -1;
}

static void walker_dealloc(PyObject *self)
{
    Walker *w = (Walker *)self;
    PyTypeObject *type = Py_TYPE(self);
    for (int i = 0; i < w->n_views; i++)
        PyBuffer_Release(&w->views[i]);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static PyMethodDef walker_methods[] = {
    {"score", walker_score, METH_VARARGS, "score(points, ends, fields, out): add every text's scores to out."},
    {"cut", walker_cut, METH_VARARGS, "cut(points, ends, out): set out to 1 where words and separators start."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot walker_slots[] = {
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_init, walker_init},
    {Py_tp_dealloc, walker_dealloc},
    {Py_tp_methods, walker_methods},
    {Py_tp_doc, "Walks the arrays of a compiled model; ValueError unless all of them can be walked safely."},
    {0, NULL},
};

static PyType_Spec walker_spec = {
    "qclassify.kernels._native.Walker", sizeof(Walker), 0, Py_TPFLAGS_DEFAULT, walker_slots};

static int fill_module(PyObject *module)
{
    const uint16_t probe = 1;
    if (*(const uint8_t *)&probe != 1) {
        PyErr_SetString(PyExc_ImportError, "the arrays are little-endian, this machine is not");
        return -1;
    }
    PyObject *type = PyType_FromSpec(&walker_spec);
    if (type == NULL)
        return -1;
    const int done = PyModule_AddObjectRef(module, "Walker", type);
    Py_DECREF(type);
    return done;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, fill_module}, {0, NULL}};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_native", "The C back end of qclassify.", 0, NULL, module_slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&module);
}
