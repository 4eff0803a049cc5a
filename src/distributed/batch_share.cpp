#include "tha4/distributed/batch_share.h"

#include <algorithm>

#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {

void check_equal_shares(int batch, int processes, const std::string& setting) {
  if (batch % processes == 0) return;
  throw InputError(setting + " " + std::to_string(batch) + " cannot be shared equally by " +
                       std::to_string(processes) + " processes",
                   Remedy(Remedy::other_batch, {setting}));
}

at::Tensor BatchShare::part(const at::Tensor& batch) const {
  const int all = static_cast<int>(batch.size(0));
  return batch.narrow(0, begin(all), of(all));
}

void BatchShare::sum(const at::Tensor& values) const {
  if (group_ == nullptr) return;
  const torch::NoGradGuard no_grad;
  group_->guard([&] {
    std::vector<at::Tensor> sums = {values};
    c10d::AllreduceOptions options;
    // On the present stream and no other, which has to wait for it anyway; there is no more to wait for then.
    options.asyncOp = false;
    if (const auto work = group_->gradients()->allreduce(sums, options)) work->wait();
  });
}

void BatchShare::average(const at::Tensor& values) const {
  if (group_ == nullptr) return;
  sum(values);
  const torch::NoGradGuard no_grad;
  at::Tensor(values).div_(processes());
}

void BatchShare::average(const std::vector<at::Tensor>& tensors) const {
  if (group_ == nullptr || tensors.empty()) return;
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> flat;
  for (const at::Tensor& tensor : tensors) {
    // As it lies in memory, which is the same in all processes.
    flat.push_back(tensor.as_strided({tensor.numel()}, {1}));
  }
  const at::Tensor all = torch::cat(flat);
  average(all);
  std::int64_t offset = 0;
  for (at::Tensor& part : flat) {
    part.copy_(all.narrow(0, offset, part.numel()));
    offset += part.numel();
  }
}

std::vector<at::Tensor> BatchShare::gather(const at::Tensor& own) const {
  if (group_ == nullptr) return {own};
  std::vector<std::vector<at::Tensor>> all(1);
  for (int i = 0; i < processes(); ++i) all.front().push_back(torch::empty_like(own));
  group_->guard([&] {
    std::vector<at::Tensor> sent = {own};
    group_->gradients()->allgather(all, sent)->wait();
  });
  return all.front();
}

bool BatchShare::any(bool own) const {
  if (group_ == nullptr) return own;
  const std::vector<std::string> all = group_->gather(own ? "1" : "0");
  return std::find(all.begin(), all.end(), "1") != all.end();
}

}  // namespace tha4
