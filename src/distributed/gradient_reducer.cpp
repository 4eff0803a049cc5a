#include "tha4/distributed/gradient_reducer.h"

#include <functional>
#include <string_view>

#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>
#include <torch/types.h>

#include "tha4/distributed/batch_share.h"

namespace tha4 {
namespace {

/// The first gradients are ready late in backward, so that a small first bucket starts sending early.
constexpr std::int64_t kFirstBucketBytes = c10d::kDefaultFirstBucketBytes;

/// Buckets in the reverse of the order in which the parameters are used, which is about that in which their
/// gradients are ready.
std::vector<std::vector<std::size_t>> assign_buckets(const std::vector<at::Tensor>& parameters,
                                                     std::int64_t bucket_bytes) {
  auto buckets = std::get<0>(c10d::compute_bucket_assignment_by_size(
      parameters, {static_cast<std::size_t>(kFirstBucketBytes), static_cast<std::size_t>(bucket_bytes)}));
  return {buckets.rbegin(), buckets.rend()};
}

std::shared_ptr<c10d::Reducer> make_reducer(const ProcessGroup& group, std::vector<at::Tensor> parameters,
                                            std::int64_t bucket_bytes) {
  const std::vector<bool> sparse(parameters.size(), false);
  auto buckets = assign_buckets(parameters, bucket_bytes);
  return std::make_shared<c10d::Reducer>(
      std::move(parameters), std::move(buckets), group.gradients(), sparse, bucket_bytes,
      /*find_unused_parameters=*/false, /*gradient_as_bucket_view=*/true,
      std::unordered_map<std::size_t, std::string>{}, kFirstBucketBytes,
      /*skip_all_reduce_unused_params=*/false, /*use_python_reducer=*/false,
      std::vector<std::int64_t>{kFirstBucketBytes, bucket_bytes});
}

std::size_t hash_of(const std::vector<at::Tensor>& tensors) {
  std::size_t hash = 0;
  for (const at::Tensor& tensor : tensors) {
    const at::Tensor values = tensor.detach().cpu().contiguous();
    const std::string_view bytes(static_cast<const char*>(values.data_ptr()), values.nbytes());
    hash = hash * 31 + std::hash<std::string_view>()(bytes);
  }
  return hash;
}

}  // namespace

GradientReducer::GradientReducer(ProcessGroup& group, std::vector<at::Tensor> parameters,
                                 const std::vector<at::Tensor>& buffers, std::int64_t bucket_bytes)
    : group_(group) {
  if (group.size() == 1) return;
  const torch::NoGradGuard no_grad;
  group.broadcast(parameters);
  group.broadcast(buffers);
  group.guard([&] { reducer_ = make_reducer(group, std::move(parameters), bucket_bytes); });
}

GradientReducer::~GradientReducer() = default;

void GradientReducer::backward(const at::Tensor& loss, bool is_last) {
  if (!reducer_) return loss.backward();
  if (!is_last) return loss.backward();
  group_.guard([&] {
    // After the first step, buckets follow the order in which gradients truly came.
    reducer_->rebuild_buckets();
    reducer_->prepare_for_forward();
    reducer_->prepare_for_backward({});
    loss.backward();
  });
}

void average_gradients(ProcessGroup& group, const std::vector<at::Tensor>& parameters) {
  if (group.size() == 1) return;
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  BatchShare(group).average(gradients);
}

void check_equal_everywhere(ProcessGroup& group, const std::vector<at::Tensor>& tensors) {
  if (group.size() == 1) return;
  const std::vector<std::string> hashes = group.gather(std::to_string(hash_of(tensors)));
  for (std::size_t rank = 1; rank < hashes.size(); ++rank) {
    if (hashes[rank] != hashes.front()) {
      throw Error(
          "the weights of rank " + std::to_string(rank) +
          " are no longer those of rank 0; the last checkpoint is from before. See that all processes "
          "run the same build on the same kind of device, and resume");
    }
  }
}

}  // namespace tha4
