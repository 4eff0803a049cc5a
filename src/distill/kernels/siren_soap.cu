// SOAP (Vyas et al., "SOAP: Improving and Stabilizing Shampoo using Adam", 2024): a step of Adam in the bases
// of the eigenvectors of Shampoo's statistics, averages of G G^T and G^T G. Products of float32: they are
// small, and rounded bases would not be orthogonal. Each sum goes over the depth in order, whatever the
// tiles.

constexpr int kDepth = 32, kThreads = 256;
constexpr int kRows = kSoapTileRows, kColumns = kSoapTileColumns;

/// What the products of a block read, [depth][row] and [depth][column].
template <int kProducts>
struct alignas(16) SoapTiles {
  float a[kProducts][kDepth][kRows + 4];
  float b[kDepth][kColumns + 4];
};

/// A row-major matrix that is a factor of products.
struct Factor {
  const float* values;
  int width;
};

/// What a thread has of the part of a factor that a tile needs at a depth, on its way to shared memory.
/// \param is_along_depth  whether the factor is [of the tile][depth], else it is [depth][of the tile]
template <bool is_along_depth, int kSide>
struct SoapLoads {
  static constexpr int kCount = kDepth * kSide / kThreads;

  float values[kCount];

  /// Where a number lies. Along the depth, a warp takes 8 of 4 rows, which lie in different banks.
  static __device__ __forceinline__ int2 place(int i) {
    const int at = threadIdx.x + i * kThreads;
    if (!is_along_depth) return {at / kSide, at % kSide};
    const int lane = at % 32, group = at / 32;
    return {group % (kDepth / 8) * 8 + lane % 8, group / (kDepth / 8) * 4 + lane / 8};
  }

  __device__ __forceinline__ void fetch(const Factor& factor, int count, int depth, int first, int begin) {
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
      const int2 at = place(i);
      const int k = begin + at.x, r = first + at.y;
      values[i] = 0;
      if (k < depth && r < count) {
        values[i] = factor.values[is_along_depth ? r * factor.width + k : k * factor.width + r];
      }
    }
  }

  __device__ __forceinline__ void store(float (&tile)[kDepth][kSide + 4]) const {
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
      const int2 at = place(i);
      tile[at.x][at.y] = values[i];
    }
  }
};

/// Adds to \p sums what this thread has of a tile of op(a) op(b), of one or more a: 4 rows and 2 columns.
template <bool a_is_transposed, bool b_is_transposed, int kProducts>
__device__ __forceinline__ void add_products(SoapTiles<kProducts>& shared, const Factor (&a)[kProducts],
                                             const Factor& b, int rows, int columns, int depth,
                                             const SirenSoapTile& at, float (&sums)[kProducts][4][2]) {
  const int y = threadIdx.x / 16 * 4, x = threadIdx.x % 16 * 2;
  SoapLoads<!a_is_transposed, kRows> lefts[kProducts];
  SoapLoads<b_is_transposed, kColumns> rights;
  const auto fetch = [&](int begin) {
#pragma unroll
    for (int i = 0; i < kProducts; ++i) lefts[i].fetch(a[i], rows, depth, at.row, begin);
    rights.fetch(b, columns, depth, at.column, begin);
  };
  fetch(0);
  for (int begin = 0; begin < depth; begin += kDepth) {
    __syncthreads();
#pragma unroll
    for (int i = 0; i < kProducts; ++i) lefts[i].store(shared.a[i]);
    rights.store(shared.b);
    __syncthreads();
    if (begin + kDepth < depth) fetch(begin + kDepth);  // while what is there is multiplied
#pragma unroll 8
    for (int k = 0; k < kDepth; ++k) {
      const float2 right = *reinterpret_cast<const float2*>(&shared.b[k][x]);
#pragma unroll
      for (int i = 0; i < kProducts; ++i) {
        const float4 left = *reinterpret_cast<const float4*>(&shared.a[i][k][y]);
        const float of_rows[4] = {left.x, left.y, left.z, left.w};
#pragma unroll
        for (int r = 0; r < 4; ++r) {
          sums[i][r][0] += of_rows[r] * right.x;
          sums[i][r][1] += of_rows[r] * right.y;
        }
      }
    }
  }
}

/// Calls \p take(index in a row-major matrix, row in the thread's, column in the thread's) of all that lies
/// inside.
template <class Take>
__device__ __forceinline__ void each_place(const SirenSoapTile& at, int rows, int columns, const Take& take) {
  const int y = at.row + threadIdx.x / 16 * 4, x = at.column + threadIdx.x % 16 * 2;
#pragma unroll
  for (int r = 0; r < 4; ++r) {
#pragma unroll
    for (int c = 0; c < 2; ++c) {
      if (y + r < rows && x + c < columns) take((y + r) * columns + x + c, r, c);
    }
  }
}

/// The averages of G G^T or of G^T G take in the present gradient.
__device__ __forceinline__ void add_statistics(SoapTiles<1>& shared, const SirenSoap& soap,
                                               const SirenSoapMatrix& matrix, const SirenSoapTile& at) {
  const bool is_of_rows = at.product == kSoapRowStatistics;
  const int rows = matrix.rows, columns = matrix.columns, side = is_of_rows ? rows : columns;
  const Factor gradient = {soap.gradients + matrix.offset, columns};
  float* const statistics = soap.statistics + (is_of_rows ? matrix.left : matrix.right);
  float sums[1][4][2] = {};
  if (is_of_rows) {
    add_products<false, true, 1>(shared, {gradient}, gradient, rows, rows, columns, at, sums);
  } else {
    add_products<true, false, 1>(shared, {gradient}, gradient, columns, columns, rows, at, sums);
  }
  each_place(at, side, side, [&](int place, int r, int c) {
    statistics[place] = sums[0][r][c] + soap.decay * (statistics[place] - sums[0][r][c]);
  });
}

extern "C" __global__ void __launch_bounds__(256) siren_soap_rows(const SirenSoapRows soap) {
  __shared__ SoapTiles<1> shared;
  if (*soap.is_taken == 0) return;
  const SirenSoapTile at = soap.tiles[blockIdx.x];
  const SirenSoapMatrix matrix = soap.matrices[at.matrix];
  const int rows = matrix.rows, columns = matrix.columns;
  const bool is_gradient = at.product == kSoapGradients;
  const float* const of = is_gradient ? soap.gradients : soap.moment1;
  float* const rotated = (is_gradient ? soap.rotated_gradients : soap.rotated_moments) + matrix.offset;
  float sums[1][4][2] = {};
  add_products<true, false, 1>(shared, {{soap.bases + matrix.left, rows}}, {of + matrix.offset, columns},
                               rows, columns, rows, at, sums);
  each_place(at, rows, columns, [&](int place, int r, int c) { rotated[place] = sums[0][r][c]; });
}

extern "C" __global__ void __launch_bounds__(256) siren_soap_columns(const SirenSoapColumns soap) {
  __shared__ SoapTiles<2> shared;
  if (*soap.is_taken == 0) return;
  const SirenSoapTile at = soap.tiles[blockIdx.x];
  const SirenSoapMatrix matrix = soap.matrices[at.matrix];
  const int rows = matrix.rows, columns = matrix.columns;
  float sums[2][4][2] = {};
  add_products<false, false, 2>(
      shared,
      {{soap.rotated_gradients + matrix.offset, columns}, {soap.rotated_moments + matrix.offset, columns}},
      {soap.bases + matrix.right, columns}, rows, columns, columns, at, sums);
  const SirenStep step = *soap.step;
  float* const moment2 = soap.moment2 + matrix.offset;
  float* const directions = soap.directions + matrix.offset;
  each_place(at, rows, columns, [&](int place, int r, int c) {
    const float square = sums[0][r][c] * sums[0][r][c];
    const float moment = step.beta2 * moment2[place] + (1 - step.beta2) * square;
    moment2[place] = moment;
    directions[place] = adam_direction(step, sums[1][r][c], moment);
  });
}

extern "C" __global__ void __launch_bounds__(256) siren_soap_rows_back(const SirenSoapRowsBack soap) {
  __shared__ SoapTiles<1> shared;
  if (*soap.is_taken == 0) return;
  const SirenSoapTile at = soap.tiles[blockIdx.x];
  const SirenSoapMatrix matrix = soap.matrices[at.matrix];
  if (at.product != kSoapGradients) return add_statistics(shared, soap, matrix, at);
  const int rows = matrix.rows, columns = matrix.columns;
  float sums[1][4][2] = {};
  add_products<false, false, 1>(shared, {{soap.bases + matrix.left, rows}},
                                {soap.directions + matrix.offset, columns}, rows, columns, rows, at, sums);
  float* const rotated = soap.rotated_gradients + matrix.offset;
  each_place(at, rows, columns, [&](int place, int r, int c) { rotated[place] = sums[0][r][c]; });
}

extern "C" __global__ void __launch_bounds__(256) siren_soap_columns_back(const SirenSoapColumnsBack soap) {
  __shared__ SoapTiles<1> shared;
  if (*soap.is_taken == 0) return;
  const SirenSoapTile at = soap.tiles[blockIdx.x];
  const SirenSoapMatrix matrix = soap.matrices[at.matrix];
  if (at.product != kSoapGradients) return add_statistics(shared, soap, matrix, at);
  const int rows = matrix.rows, columns = matrix.columns;
  float sums[1][4][2] = {};
  add_products<false, true, 1>(shared, {{soap.rotated_gradients + matrix.offset, columns}},
                               {soap.bases + matrix.right, columns}, rows, columns, columns, at, sums);
  float* const ways = soap.ways + matrix.way;
  each_place(at, rows, columns, [&](int place, int r, int c) { ways[place] = sums[0][r][c]; });
}
