// SOAP (Vyas et al., "SOAP: Improving and Stabilizing Shampoo using Adam", 2024): a step of Adam in the bases
// of the eigenvectors of Shampoo's statistics, averages of G G^T and G^T G. Products of float32: they are
// small, and rounded bases would not be orthogonal.

constexpr int kSide = kSoapTileSide, kDepth = 32, kPadded = kSide + 4;

/// What the products of a block read, [depth][row] and [depth][column].
struct alignas(16) SoapTiles {
  float a[kDepth][kPadded];
  float b[kDepth][kPadded];
};

/// The part of a row-major matrix that a tile's rows (or columns) need at a depth, into shared memory.
/// \param is_along_depth  whether the matrix is [of the tile][depth], else it is [depth][of the tile]
template <bool is_along_depth>
__device__ void fetch_tile(float (&tile)[kDepth][kPadded], const float* matrix, int width, int count,
                           int depth, int first, int begin) {
  for (int i = threadIdx.x; i < kDepth * kSide; i += 256) {
    const int k = is_along_depth ? i % kDepth : i / kSide;
    const int r = is_along_depth ? i / kDepth : i % kSide;
    const bool is_inside = begin + k < depth && first + r < count;
    const int at = is_along_depth ? (first + r) * width + begin + k : (begin + k) * width + first + r;
    tile[k][r] = is_inside ? matrix[at] : 0.0f;
  }
}

/// Adds to \p sums what this thread has of a tile of op(a) op(b): 4 rows and 4 columns.
template <bool a_is_transposed, bool b_is_transposed>
__device__ void add_product(SoapTiles& shared, const float* a, int a_width, const float* b, int b_width,
                            int rows, int columns, int depth, const SirenSoapTile& at, float (&sums)[4][4]) {
  const int y = threadIdx.x / 16 * 4, x = threadIdx.x % 16 * 4;
  for (int begin = 0; begin < depth; begin += kDepth) {
    __syncthreads();
    fetch_tile<!a_is_transposed>(shared.a, a, a_width, rows, depth, at.row, begin);
    fetch_tile<b_is_transposed>(shared.b, b, b_width, columns, depth, at.column, begin);
    __syncthreads();
#pragma unroll 8
    for (int k = 0; k < kDepth; ++k) {
      const float4 left = *reinterpret_cast<const float4*>(&shared.a[k][y]);
      const float4 right = *reinterpret_cast<const float4*>(&shared.b[k][x]);
      const float lefts[4] = {left.x, left.y, left.z, left.w};
      const float rights[4] = {right.x, right.y, right.z, right.w};
#pragma unroll
      for (int r = 0; r < 4; ++r) {
#pragma unroll
        for (int c = 0; c < 4; ++c) sums[r][c] += lefts[r] * rights[c];
      }
    }
  }
}

/// Calls \p take(index in a row-major matrix, row in the thread's, column in the thread's) of all that lies
/// inside.
template <class Take>
__device__ void each_place(const SirenSoapTile& at, int rows, int columns, const Take& take) {
  const int y = at.row + threadIdx.x / 16 * 4, x = at.column + threadIdx.x % 16 * 4;
#pragma unroll
  for (int r = 0; r < 4; ++r) {
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      if (y + r < rows && x + c < columns) take((y + r) * columns + x + c, r, c);
    }
  }
}

/// Products: 0 rows of the gradient, 1 those of its first moment, 2 and 3 the statistics of rows and columns.
extern "C" __global__ void __launch_bounds__(256) siren_soap_rows(const SirenSoapRows soap) {
  __shared__ SoapTiles shared;
  if (*soap.is_taken == 0) return;
  const SirenSoapTile at = soap.tiles[blockIdx.x];
  const SirenSoapMatrix matrix = soap.matrices[at.matrix];
  const int rows = matrix.rows, columns = matrix.columns;
  const float* const gradient = soap.gradients + matrix.offset;
  float sums[4][4] = {};
  if (at.product < 2) {
    const float* const of = at.product == 0 ? gradient : soap.moment1 + matrix.offset;
    float* const rotated = (at.product == 0 ? soap.rotated_gradients : soap.rotated_moments) + matrix.offset;
    add_product<true, false>(shared, soap.bases + matrix.left, rows, of, columns, rows, columns, rows, at,
                             sums);
    each_place(at, rows, columns, [&](int place, int r, int c) { rotated[place] = sums[r][c]; });
    return;
  }
  const bool is_of_rows = at.product == 2;
  const int side = is_of_rows ? rows : columns;
  float* const statistics = soap.statistics + (is_of_rows ? matrix.left : matrix.right);
  if (is_of_rows) {
    add_product<false, true>(shared, gradient, columns, gradient, columns, rows, rows, columns, at, sums);
  } else {
    add_product<true, false>(shared, gradient, columns, gradient, columns, columns, columns, rows, at, sums);
  }
  each_place(at, side, side, [&](int place, int r, int c) {
    statistics[place] = sums[r][c] + soap.decay * (statistics[place] - sums[r][c]);
  });
}

extern "C" __global__ void __launch_bounds__(256) siren_soap_columns(const SirenSoapColumns soap) {
  __shared__ SoapTiles shared;
  if (*soap.is_taken == 0) return;
  const SirenSoapTile at = soap.tiles[blockIdx.x];
  const SirenSoapMatrix matrix = soap.matrices[at.matrix];
  const int rows = matrix.rows, columns = matrix.columns;
  const float* const basis = soap.bases + matrix.right;
  float gradients[4][4] = {}, moments[4][4] = {};
  add_product<false, false>(shared, soap.rotated_gradients + matrix.offset, columns, basis, columns, rows,
                            columns, columns, at, gradients);
  add_product<false, false>(shared, soap.rotated_moments + matrix.offset, columns, basis, columns, rows,
                            columns, columns, at, moments);
  const SirenStep step = *soap.step;
  float* const moment2 = soap.moment2 + matrix.offset;
  float* const directions = soap.directions + matrix.offset;
  each_place(at, rows, columns, [&](int place, int r, int c) {
    const float square = gradients[r][c] * gradients[r][c];
    const float moment = step.beta2 * moment2[place] + (1 - step.beta2) * square;
    moment2[place] = moment;
    directions[place] = adam_direction(step, moments[r][c], moment);
  });
}

extern "C" __global__ void __launch_bounds__(256) siren_soap_rows_back(const SirenSoapRowsBack soap) {
  __shared__ SoapTiles shared;
  if (*soap.is_taken == 0) return;
  const SirenSoapTile at = soap.tiles[blockIdx.x];
  const SirenSoapMatrix matrix = soap.matrices[at.matrix];
  const int rows = matrix.rows, columns = matrix.columns;
  float sums[4][4] = {};
  add_product<false, false>(shared, soap.bases + matrix.left, rows, soap.directions + matrix.offset, columns,
                            rows, columns, rows, at, sums);
  float* const rotated = soap.rotated_gradients + matrix.offset;
  each_place(at, rows, columns, [&](int place, int r, int c) { rotated[place] = sums[r][c]; });
}

extern "C" __global__ void __launch_bounds__(256) siren_soap_columns_back(const SirenSoapColumnsBack soap) {
  __shared__ SoapTiles shared;
  if (*soap.is_taken == 0) return;
  const SirenSoapTile at = soap.tiles[blockIdx.x];
  const SirenSoapMatrix matrix = soap.matrices[at.matrix];
  const int rows = matrix.rows, columns = matrix.columns;
  float sums[4][4] = {};
  add_product<false, true>(shared, soap.rotated_gradients + matrix.offset, columns, soap.bases + matrix.right,
                           columns, rows, columns, columns, at, sums);
  float* const directions = soap.directions + matrix.offset;
  each_place(at, rows, columns, [&](int place, int r, int c) { directions[place] = sums[r][c]; });
}
